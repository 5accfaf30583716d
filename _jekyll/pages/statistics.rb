# frozen_string_literal: true

require_relative "../lists/names"
require_relative "../read/feed"
require_relative "../read/registrations"
require_relative "../read/values"
require_relative "ages"
require_relative "statistics_charts"

# Fills the page of statistics from the feed that Python wrote (api/v1/statistics.json). The feed is read as
# something that may lie: what does not fit is left out. A preview has no feed, and its page says so.

module Almanac
  class Statistics < Jekyll::Generator
    priority :normal

    PATH = "api/v1/statistics.json"
    MAX_BYTES = 4_194_304

    def generate(site)
      page = site.pages.find { |candidate| candidate.data["layout"] == "statistics" } or return
      raw = Values.hash(Feed.read(site, PATH, MAX_BYTES))
      today = site.time.utc.to_date
      as_of = Values.hash(raw["as_of"])
      page.data["as_of"] = %w(usage github).to_h { |source| [source, Ages.of(Values.moment(as_of[source]), today)] }
      page.data["totals"] = totals(Values.hash(raw["totals"]), last_week(raw, page.data["as_of"]["usage"]))
      page.data["parts"] = StatisticsCharts.new(raw, tags(site)).parts
    end

    private

    # Of which week, and of how many plugins where that is not all.
    def last_week(raw, as_of)
      known = Values.figure(Values.hash(raw["totals"])["plugins"]).to_i - Values.figure(raw["unknown_usage"]).to_i
      words = "new installations #{as_of && as_of["news"] ? "last week" : "in a week"}"
      Values.figure(raw["unknown_usage"]).to_i.positive? ? "#{words}, of #{known == 1 ? "one plugin" : "#{Values.number(known)} plugins"}" : words
    end

    def totals(raw, last_week)
      { "plugins" => "plugins", "authors" => "authors", "tags" => "tags", "installs_week" => last_week,
        "stars" => "stars", }
        .filter_map { |key, label| { "label" => label, "value" => Values.figure(raw[key]) } if Values.figure(raw[key]) }
    end

    # Slug of a tag -> the address of its page, of those that have one.
    def tags(site)
      base = site.config["baseurl"].to_s
      found = site.collections[COLLECTION]&.docs.to_a.flat_map { |doc| doc.data["tags"] }.uniq
      found.to_h { |name| [Names.slug(name), "#{base}#{Names.address("by_tag", name)}"] }
    end
  end
end
