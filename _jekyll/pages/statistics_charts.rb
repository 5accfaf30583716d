# frozen_string_literal: true

require "date"
require_relative "../charts/charts"
require_relative "../liquid/filters"
require_relative "../lists/names"
require_relative "../read/values"

module Almanac
  # The statistics, told: [{"id", "title", "charts"}], each chart with a heading, a sentence, a drawing and the
  # table behind it. `raw` is the feed as it was read; a part of it that is not as promised is left out.
  class StatisticsCharts
    include Filters

    MOST_ROWS = 60
    MOST_POINTS = 1000
    MONTH = %r!\A(\d{4})-(0[1-9]|1[0-2])\z!.freeze

    # raw: the feed. tags: slug of a tag -> the address of its page.
    def initialize(raw, tags)
      @raw = raw
      @tags = tags
      @history = history(Values.hash(raw["history"]))
    end

    def parts
      [
        part("growth", "Growth", registered, releases),
        part("python", "Python", python, python_over_time, minors),
        part("maintenance", "Maintenance", maintenance, maintained_over_time),
        part("use", "Use", distribution, installs_over_time, stars_over_time),
        part("contents", "What they are", tags, licences, systems),
      ].compact
    end

    private

    def part(id, title, *charts)
      charts.compact!
      { "id" => id, "title" => title, "charts" => charts } if charts.any?
    end

    # head: names of the columns; rows: [[text or number, ...], ...], the first of each names its row.
    def chart(id, title, says, svg, head, rows, links: {})
      { "id" => id, "title" => title, "says" => says, "svg" => svg, "head" => head,
        "rows" => rows.map { |row| { "name" => row[0].to_s, "href" => links[row[0]], "cells" => row.drop(1).map { |cell| cell.is_a?(Integer) ? figure(cell) : cell || "unknown" } } }, }
    end

    def registered
      months = months(Values.hash(@raw["registered"])["months"])
      return if months.size < 2

      total = months.last.last
      before = months[-13]&.last
      says = "#{counted(total, "plugin")} #{total == 1 ? "is" : "are"} registered"
      says += ", #{figure(total - before)} more than a year ago" if before && total > before
      chart("registered", "Plugins registered", "#{says}.",
            curve(months, "Number of registered plugins") { |day| Values.month_words(day) },
            ["End of", "Plugins"], yearly(months).map { |day, value| [Values.month_words(day), value] })
    end

    def releases
      months = months(Values.hash(@raw["releases"])["months"])
      return if months.empty?

      rows = months.map { |day, value| [Values.month_words(day), value] }
      chart("releases", "Latest releases by month",
            "The latest release of #{counted(months.sum(&:last), "plugin")} falls into these #{months.size} months.",
            Charts.columns(months.map { |day, value| [Date::ABBR_MONTHNAMES[day.month], value] },
                           :label => words("Plugins by the month of their latest release", rows)),
            %w(Month Plugins), rows)
    end

    def python
      raw = Values.hash(@raw["python"])
      rows = named(raw, "with_3" => "Run on Python 3", "without_3" => "Do not", "unknown" => "Say nothing") or return
      says = "#{share(rows[0][1], rows.sum(&:last))} of the plugins run on Python 3, by what their source or registration says."
      contradicted = Values.figure(raw["contradicted"])
      says += " In #{counted(contradicted, "plugin")} the two contradict each other." if contradicted&.positive?
      bars("python-3", "Running on Python 3", says, rows)
    end

    def python_over_time
      over_time("python-history", "Running on Python 3, over time", "python_3", "run on Python 3")
    end

    def minors
      rows = pairs(@raw["python_minors"]).map { |name, value| ["Python #{name}", value] }
      return if rows.empty?

      chart("minors", "Releases of Python", "How many plugins an installation with each release of Python is offered.",
            Charts.columns(rows.map { |name, value| [name.delete_prefix("Python "), value] },
                           :label => words("Plugins by release of Python", rows)),
            %w(Release Plugins), rows)
    end

    def maintenance
      raw = Values.hash(@raw["maintenance"])
      rows = named(raw, "within_year" => "Commit or release within a year", "older" => "Longer ago",
                        "unknown" => "Unknown", "archived" => "Repository archived", "gone" => "Repository gone",
                        "abandoned" => "Declared abandoned") or return
      says = maintained_says(rows[0][1], rows.sum(&:last), raw["unknown"])
      wanted = Values.figure(raw["up_for_adoption"])
      says += " #{counted(wanted, "plugin is", "plugins are")} up for adoption." if wanted&.positive?
      bars("maintained", "Maintained", says, rows)
    end

    # A share of all only where all are known.
    def maintained_says(recent, all, unknown)
      return "#{share(recent, all)} of the plugins had a commit or a release within a year." if unknown.zero?

      "#{figure(recent)} of #{counted(all, "plugin")} are known to have had a commit or a release within a year; " \
        "of #{figure(unknown)} it is not known."
    end

    def maintained_over_time
      over_time("maintained-history", "Maintained, over time", "maintained", "are maintained")
    end

    def distribution
      rows = Values.list(@raw["installs"]).filter_map do |raw|
        from, to, count = Values.hash(raw).values_at("from", "to", "plugins")
        next unless Values.figure(from) && Values.figure(count)

        [from == to ? figure(from) : Values.figure(to) ? "#{figure(from)} to #{figure(to)}" : "#{figure(from)} or more", count]
      end
      # While nobody's use is known, no plugin is said to have none.
      return if rows.sum(&:last).zero?

      unknown = Values.figure(@raw["unknown_usage"]).to_i
      says = "How many plugins have how many installations in use in a month."
      says += " Of #{counted(unknown, "plugin")} it is not known." if unknown.positive?
      chart("installs", "Installations in use", says, Charts.bars(rows, :label => words("Plugins by installations in use", rows)),
            ["Installations", "Plugins"], rows)
    end

    def installs_over_time
      measure("installs-history", "New installations in a week", "installs_week", "All plugins together, week by week")
    end

    def stars_over_time
      measure("stars-history", "Stars", "stars", "All repositories together")
    end

    def tags
      rows = pairs(@raw["tags"])
      links = rows.to_h { |name, _| [name, @tags[Names.slug(name)]] }
      bars("tags", "Most used tags", "How many plugins carry each tag.", rows, :links => links) if rows.any?
    end

    def licences
      rows = pairs(@raw["licences"])
      bars("licences", "Licences", "By family: versions of one licence count as one.", rows) if rows.any?
    end

    def systems
      rows = pairs(@raw["systems"])
      bars("systems", "Operating systems", "How many plugins are offered on each; one that names no system is offered on all.", rows) if rows.any?
    end

    def bars(id, title, says, rows, links: {})
      chart(id, title, says, Charts.bars(rows, :label => words(title, rows)), [title, "Plugins"], rows, :links => links)
    end

    # The share of all plugins, day by day.
    def over_time(id, title, name, verb)
      points = @history.filter_map do |point|
        value, all = point[name], point["plugins"]
        [point["day"], value && all&.positive? && value <= all ? value * 100 / all : nil, value, all]
      end
      known = points.select { |point| point[1] }
      return if known.size < 2

      rows = thinned(points).map { |day, share, value, _| [Values.day_words(day), share ? "#{share}%" : nil, value] }
      says = "On #{Values.day_words(known.first[0])}, #{known.first[1]}% of all plugins #{verb.sub("are", "were").sub("run", "ran")}; " \
             "on #{Values.day_words(known.last[0])}, #{known.last[1]}%."
      svg = Charts.curve(points.map { |point| point.first(2) }, :label => "#{title}: #{says}", :unit => "%", :top => 100) { |day| Values.day_words(day) }
      chart(id, title, says, svg, %w(Day Share Plugins), rows)
    end

    def measure(id, title, name, what)
      points = @history.map { |point| [point["day"], point[name]] }
      known = points.select(&:last)
      return if known.size < 2

      says = "#{what}: #{figure(known.first.last)} on #{Values.day_words(known.first.first)}, " \
             "#{figure(known.last.last)} on #{Values.day_words(known.last.first)}."
      chart(id, title, says, curve(points, title) { |day| Values.day_words(day) }, ["Day", title],
            thinned(points).map { |day, value| [Values.day_words(day), value] })
    end

    def curve(points, label, &told)
      known = points.select(&:last)
      ends = [known.first, known.last].map { |day, value| "#{figure(value)} (#{told.call(day)})" }
      Charts.curve(points, :label => "#{label}: from #{ends.join(" to ")}", &told)
    end

    # [{"day" => Date, measure => Integer or nil}], by day.
    def history(raw)
      dates = Array(raw["dates"]).first(MOST_POINTS).map { |text| day(text) }
      points = dates.each_with_index.filter_map do |day, index|
        next unless day

        %w(plugins installs_week stars python_3 maintained).to_h { |name| [name, Values.figure(Array(raw[name])[index])] }
          .merge("day" => day)
      end
      points.uniq { |point| point["day"] }.sort_by { |point| point["day"] }
    end

    # [[Date of the month's first day, number]], by month.
    def months(raw)
      found = Array(raw).first(MOST_POINTS).filter_map do |text, value|
        year, month = MONTH.match(text.to_s)&.captures
        [Date.new(year.to_i, month.to_i), value] if year && Values.figure(value)
      end
      found.uniq(&:first).sort_by(&:first)
    end

    def pairs(raw)
      Values.list(raw).filter_map { |name, value| [Values.line(name), value] if Values.line(name) && Values.figure(value) }
    end

    # nil when one is missing or all are zero: shares of nothing.
    def named(raw, names)
      rows = names.map { |key, label| [label, Values.figure(raw[key])] }
      rows if rows.all?(&:last) && rows.sum(&:last).positive?
    end

    def yearly(months)
      months.each_with_index.select { |(day, _), index| day.month == 12 || index == months.size - 1 }.map(&:first)
    end

    # At most MOST_ROWS, the first and the last among them.
    def thinned(points)
      return points if points.size <= MOST_ROWS

      (0...MOST_ROWS).map { |index| points[index * (points.size - 1) / (MOST_ROWS - 1)] }
    end

    def share(part, whole)
      per_cent = part * 100.0 / whole
      per_cent.positive? && per_cent < 1 ? "Fewer than 1%" : "#{per_cent.floor}%"
    end

    # "Licences: AGPL 12, MIT 4"
    def words(title, rows)
      "#{title}: #{rows.map { |name, value| "#{name} #{figure(value)}" }.join(", ")}"
    end

    def day(text)
      date = Values.date(text)
      date && Date.iso8601(date["iso"])
    end
  end
end
