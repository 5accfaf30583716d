# frozen_string_literal: true

require_relative "../liquid/filters"
require_relative "ages"

module Almanac
  # What the home page shows: rankings that tell how they are made, and what is known of the whole.
  class Home
    TOP = 10
    ADOPTABLE = 3
    WEEKS_A_MONTH = 30 / 7.0
    # As scripts/registry/enrich/rank.py has it; a test holds the two together.
    FLOOR = 10

    # "rank" is Python's: places begin with 1. "of" picks the figure from a plugin's usage.
    BY_USE = [
      { "id" => "popular", "title" => "Popular", "rank" => "instances_month", "of" => %w(month instances),
        "how" => "by installations in use %<month>s",
        "none" => "Not one installation was seen %<month>s.", },
      { "id" => "hot", "title" => "Hot", "rank" => "install_events_week", "of" => %w(week install_events),
        "how" => "by new installations %<week>s",
        "none" => "No plugin was newly installed %<week>s.", },
      { "id" => "rising", "title" => "Rising", "rank" => "growth", "of" => nil,
        "how" => "by %<weeks>s new installations against the month’s average, from #{FLOOR} upwards",
        "none" => "No plugin had #{FLOOR} new installations %<week>s, and fewer are no trend.", },
    ].freeze
    NEWS = { :month => "last month", :week => "last week", :weeks => "last week’s" }.freeze
    OLD = { :month => "in a month", :week => "in a week", :weeks => "a week’s" }.freeze

    include Filters

    # counts: {"authors", "tags"}
    def self.fill(site, page, plugins, counts)
      new(site, plugins).fill(page, counts) if page
    end

    # How old the newest figures of each source are: {"usage" => of Ages or nil, "github"}.
    def self.figures(site, plugins)
      %w(usage github).to_h do |source|
        dates = plugins.filter_map { |doc| doc.data["freshness"][source]&.fetch("date") }
        [source, Ages.of(dates.max_by { |date| date["iso"] }, site.time.utc.to_date)]
      end
    end

    # A day as a number that sorts; 0 where none is known.
    def self.day(doc)
      doc.data["date"] ? doc.data["date"]["iso"].delete("-").to_i : 0
    end

    def initialize(site, plugins)
      @config = site.config
      @today = site.time.utc.to_date
      @age = site.data["figures"]
      @plugins = plugins
      @known = plugins.any? { |doc| doc.data["usage"] }
    end

    def fill(page, counts)
      host = { "url" => nil }.merge(@config.dig("registry", "host"))
      adoptable = @plugins.select { |doc| doc.data["up_for_adoption"] }
      page.data.merge!(
        "title" => @config["title"].to_s, "host" => host, "known" => @known,
        "description" => "Plugins for #{host["name"]}: who makes them, how many use them, whether anybody looks after " \
                         "them, and which versions they run on.",
        "counts" => counts.merge("plugins" => @plugins.size, "adoption" => adoptable.size),
        "rankings" => [*(BY_USE.map { |ranking| by_use(ranking) } if @known), newest, released],
        "adoptable" => adoptable.max_by(ADOPTABLE) { |doc| [used(doc) || -1, doc.slug] }
                          .map { |doc| entry(doc, used(doc) && "#{figure(used(doc))} in use") }
      )
    end

    private

    def used(doc)
      doc.data.dig("usage", "month", "instances")
    end

    # Who has no figure, or none but zero, has no place.
    def by_use(ranking)
      entries = top(ranking["rank"]).filter_map do |doc|
        told = ranking["of"] ? positive(doc.data["usage"]&.dig(*ranking["of"])) : growth(doc.data["usage"])
        told && entry(doc, told)
      end
      words = @age["usage"]&.fetch("news") ? NEWS : OLD
      ranking.merge("entries" => entries, **%w(how none).to_h { |key| [key, format(ranking[key], words)] })
    end

    def positive(value)
      figure(value) if value&.positive?
    end

    # "2.4×": the week's new installations over the month's weekly average.
    def growth(usage)
      week, month = %w(week month).map { |window| usage&.dig(window, "install_events") }
      "#{format("%.1f", week * WEEKS_A_MONTH / month)}×" if week && month&.positive?
    end

    def newest
      docs = @plugins.select { |doc| doc.data["date"] }.max_by(TOP) { |doc| [Home.day(doc), doc.slug] }
      { "id" => "newest", "title" => "Newest", "how" => "by the day of registration",
        "none" => "No plugin says when it was registered.",
        "entries" => docs.map { |doc| entry(doc, nil, Ages.of(doc.data["date"], @today)) }, }
    end

    def released
      docs = top("latest_release").select { |doc| doc.data.dig("github", "release", "date") }
      { "id" => "released", "title" => "Recently released", "how" => "by the day of the latest full release",
        "none" => "No release is known.",
        "entries" => docs.map { |doc| entry(doc, nil, Ages.of(doc.data["github"]["release"]["date"], @today)) }, }
    end

    def top(rank)
      @plugins.select { |doc| doc.data["ranks"][rank]&.between?(1, TOP) }
        .sort_by { |doc| [doc.data["ranks"][rank], doc.slug] }.first(TOP)
    end

    # figure: a text; date: of Ages. One of them, or neither.
    def entry(doc, figure, date = nil)
      { "title" => doc.data["title"], "href" => doc.data["href"], "about" => doc.data["description"],
        "figure" => figure, "date" => date, }
    end
  end
end
