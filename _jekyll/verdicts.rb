# frozen_string_literal: true

require "date"
require_relative "sparkline"

module Almanac
  # What is known of a plugin's health, each with a verdict in words. Pure: the day is given. What is not known
  # is called unknown and never judged.
  module Verdicts
    YEAR = 365
    LONG = 3 * YEAR

    module_function

    # [{"term", "figure", "url", "date", "verdict", "tone"}]: "tone" is good, fair, poor or unknown.
    def health(data, today)
      github = data["github"]
      [usage(data), release(github, today), push(github, today), issues(github), stars(data), state(github)]
    end

    def row(term, figure, verdict, tone, url: nil, date: nil)
      { "term" => term, "figure" => figure, "url" => url, "date" => date, "verdict" => verdict, "tone" => tone }
    end

    def unknown(term, verdict = nil)
      row(term, "unknown", verdict, "unknown")
    end

    def usage(data)
      seen = data["usage"]&.dig("month", "instances")
      return unknown("In use") unless seen

      rank = data["ranks"]["instances_month"]
      verdict = seen.zero? ? "no installation seen last month" : "installations last month"
      row("In use", number(seen), rank && seen.positive? ? "#{verdict}, place #{number(rank)} here" : verdict, "fair")
    end

    def release(github, today)
      return unknown("Latest release") unless github

      found = github["release"]
      return row("Latest release", "none", no_release(github), "fair") if !found && (github["releases"] == 0 || github["complete"])
      return unknown("Latest release") unless found

      words, tone = age(found["date"], today)
      row("Latest release", found["name"], words || "day unknown", tone, :url => found["url"], :date => found["date"])
    end

    def no_release(github)
      github["releases"].to_i.positive? ? "pre-releases only" : "no full release"
    end

    def push(github, today)
      pushed = github && github["last_push"]
      return unknown("Last change") unless pushed

      words, tone = age(pushed, today)
      row("Last change", nil, "code pushed #{words}", tone, :date => pushed)
    end

    def issues(github)
      open, closed = github&.values_at("open_issues", "closed_issues")
      return unknown("Issues") unless open || closed

      figure = "#{open ? number(open) : "unknown"} open, #{closed ? number(closed) : "unknown"} closed"
      row("Issues", figure, open && closed && answered(open, closed), open && closed && closed >= open ? "good" : "fair")
    end

    def answered(open, closed)
      return "none reported yet" if (open + closed).zero?

      share = closed * 100 / (open + closed)
      share == 100 ? "all are closed" : "#{share} % are closed"
    end

    def stars(data)
      stars = data["github"] && data["github"]["stars"]
      return unknown("Stars") unless stars

      rank = data["ranks"]["stars"]
      row("Stars", number(stars), rank ? "place #{number(rank)} here" : nil, "fair")
    end

    def state(github)
      return unknown("Repository", "never looked at") unless github

      if github["gone"]
        since = github["gone_since"]
        row("Repository", "gone", since ? "not found since #{since["words"]}" : "not found", "poor")
      elsif github["archived"]
        row("Repository", "archived", "read-only, no change to be expected", "poor")
      elsif github["complete"]
        row("Repository", "reachable", "not archived", "good")
      else
        unknown("Repository", "not said whether it is archived")
      end
    end

    # [words, tone] of a day's age.
    def age(moment, today)
      days = moment && today - Date.iso8601(moment["iso"][0, 10])
      return [nil, "unknown"] unless days
      return ["within the last month", "good"] if days <= 31
      return ["within the last year", "good"] if days <= YEAR

      years = (days / YEAR).floor
      ["more than #{years == 1 ? "a year" : "#{years} years"} ago", days > LONG ? "poor" : "fair"]
    end

    def number(value)
      Sparkline.number(value)
    end
  end
end
