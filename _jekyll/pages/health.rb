# frozen_string_literal: true

require "date"
require_relative "../read/values"
require_relative "ages"

module Almanac
  # What is known of a plugin's health, each with a verdict in words. Pure: the day is given. What is not known
  # is called unknown and never judged.
  module Health
    RECENT = 31
    YEAR = 365
    LONG = 3 * YEAR

    module_function

    # [{"term", "figure", "url", "date", "verdict", "tone"}]: "tone" is good, fair, poor or unknown.
    def of(data, today)
      github = data["github"]
      usage, seen = data["freshness"].values_at("usage", "github").map { |found| found && Ages.of(found["date"], today) }
      [usage(data, usage), release(github, today, seen), push(github, today, seen), issues(github), stars(data), state(github, seen)]
    end

    def row(term, figure, verdict, tone, url: nil, date: nil)
      { "term" => term, "figure" => figure, "url" => url, "date" => date, "verdict" => verdict, "tone" => tone }
    end

    def unknown(term, verdict = nil)
      row(term, "unknown", verdict, "unknown")
    end

    # of: the age of the figures.
    def usage(data, of)
      seen = data["usage"]&.dig("month", "instances")
      return unknown("In use") unless seen

      rank = data["ranks"]["instances_month"]
      words = seen.zero? ? "no installation seen" : "installation#{"s" if seen > 1}"
      verdict = "#{words} #{news?(of) ? "last month" : "in a month"}"
      row("In use", Values.number(seen), rank && seen.positive? ? "#{verdict}, #{place(rank, "used")}" : verdict, "fair")
    end

    def release(github, today, seen)
      return unknown("Latest release") unless github

      found = github["release"]
      return row("Latest release", "none", no_release(github), "fair") if !found && (github["releases"] == 0 || github["complete"])
      return unknown("Latest release") unless found

      words, tone = age(found["date"], today, seen, "release")
      row("Latest release", found["name"], found["date"] ? words : "day unknown", tone, :url => found["url"], :date => found["date"])
    end

    def no_release(github)
      github["releases"].to_i.positive? ? "prereleases only" : "no full release yet"
    end

    def push(github, today, seen)
      pushed = github && github["last_push"]
      return unknown("Last change") unless pushed

      words, tone = age(pushed, today, seen, "commit")
      # A push to any branch is no earlier than the last commit: it makes nobody look alive.
      words, tone = ["pushed to some branch", "unknown"] if tone == "good" && github["any_branch"]
      words = ["code committed", words].compact.join(" ") unless tone == "unknown"
      row("Last change", nil, words, tone, :date => pushed)
    end

    def issues(github)
      open, closed = github&.values_at("open_issues", "closed_issues")
      return unknown("Issues") unless open || closed

      figure = "#{open ? Values.number(open) : "unknown"} open, #{closed ? Values.number(closed) : "unknown"} closed"
      row("Issues", figure, open && closed && answered(open, closed), open && closed && closed >= open ? "good" : "fair")
    end

    def answered(open, closed)
      return "none reported yet" if (open + closed).zero?

      return "none is closed" if closed.zero?
      return "all are closed" if open.zero?

      share = closed * 100 / (open + closed)
      share.zero? ? "under 1 % are closed" : "#{share} % are closed"
    end

    def stars(data)
      stars = data["github"] && data["github"]["stars"]
      return unknown("Stars") unless stars

      rank = data["ranks"]["stars"]
      row("Stars", Values.number(stars), rank && place(rank, "starred"), "fair")
    end

    def state(github, seen)
      return unknown("Repository", "never looked at") unless github

      if github["gone"]
        since = github["gone_since"]
        row("Repository", "gone", since ? "not found since #{since["words"]}" : "not found", "poor")
      elsif github["archived"]
        row("Repository", "archived", "read-only, no change to be expected", "poor")
      elsif github["complete"] && !news?(seen)
        unknown("Repository", "reachable when last looked at")
      elsif github["complete"]
        row("Repository", "reachable", "not archived", "good")
      else
        unknown("Repository", "not said whether it is archived")
      end
    end

    # "the most used here", "18th most used here"
    def place(rank, how)
      return "the most #{how} here" if rank == 1

      ending = rank % 100 / 10 == 1 ? "th" : { 1 => "st", 2 => "nd", 3 => "rd" }.fetch(rank % 10, "th")
      "#{Values.number(rank)}#{ending} most #{how} here"
    end

    def news?(seen)
      !seen.nil? && seen["news"]
    end

    # [words, tone] of a day's age; no words where the day, which stands beside them, says as much. seen: the age
    # of the figures; what was the latest long ago need not be so now, and is not judged.
    def age(moment, today, seen, what)
      days = moment && today - Date.iso8601(moment["iso"][0, 10])
      return [nil, "unknown"] unless days
      return [nil, "good"] if days <= RECENT
      return ["within the last year", "good"] if days <= YEAR
      return ["no later #{what} known#{" in #{Ages.month(seen["words"])}" if seen}", "unknown"] unless news?(seen)

      years = (days / YEAR).floor
      ["more than #{years == 1 ? "a year" : "#{years} years"} ago", days > LONG ? "poor" : "fair"]
    end
  end
end
