# frozen_string_literal: true

require "erb"
require_relative "ages"
require_relative "feed"
require_relative "figures"
require_relative "names"
require_relative "values"

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
      page.data["totals"] = totals(Values.hash(raw["totals"]))
      page.data["parts"] = Figures.new(raw, tags(site)).parts
    end

    private

    def totals(raw)
      { "plugins" => "plugins", "authors" => "authors", "tags" => "tags", "installs_week" => "new installations last week",
        "stars" => "stars", }
        .filter_map { |key, label| { "label" => label, "value" => Values.figure(raw[key]) } if Values.figure(raw[key]) }
    end

    # Slug of a tag -> the address of its page, of those that have one.
    def tags(site)
      base = site.config["baseurl"].to_s
      found = site.collections[COLLECTION]&.docs.to_a.flat_map { |doc| doc.data["tags"] }.uniq
      found.to_h { |name| [Names.slug(name), "#{base}/by_tag/#{ERB::Util.url_encode(Names.slug(name))}/"] }
    end
  end
end
