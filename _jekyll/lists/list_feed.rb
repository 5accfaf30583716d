# frozen_string_literal: true

require_relative "../read/feed"
require_relative "../read/specifiers"

module Almanac
  # What scripts/registry/feeds/list/listing.py concluded of all plugins; in a preview without feeds, nothing.
  class ListFeed
    MAX_BYTES = 67_108_864

    attr_reader :index

    def self.of(site)
      site.filter_cache[:list_feed] ||= new(site)
    end

    def initialize(site)
      @site = site
      @index = read("index.json") || {}
      version = @index["version"]
      blocks = (0...blocks_of(@index)).map { |number| read("cards/#{number}.json") }
      # Files of two builds are not mixed: then there is no form, as in a preview.
      @index = {} unless version && blocks.all? { |block| block && block["version"] == version }
      @badges = empty? ? {} : blocks.flat_map { |block| block["cards"] }.to_h { |card| card.values_at("slug", "badges") }
      @places = @badges.each_key.with_index.to_h
    end

    # Whether a plugin (as Guard made it) runs on any Python 3, as its card and its page say: true, false, or nil
    # where nobody knows. In a preview by what its registration says.
    def python_3(data)
      range = data["compatibility"]["python"]
      return range && Specifiers.three?(range) if empty?

      badges = @badges[data["slug"]] || []
      badges.include?("python3") || (badges.include?("python2") ? false : nil)
    end

    # Whether there is none, as in a preview.
    def empty?
      @index.empty?
    end

    # As the feed numbers them. In a preview by the same rule: the most used first, those whose use is unknown
    # last, equals by title.
    def by_popularity(docs)
      docs.sort_by do |doc|
        used = doc.data.dig("usage", "month", "instances")
        [@places[doc.slug] || docs.size, used ? 0 : 1, -used.to_i, doc.data["title"].downcase, doc.slug]
      end
    end

    # [[option, count], ...] of a filter, as it is while nothing is chosen.
    def options(name)
      facet = @index["facets"][name]
      counts = Array.new(facet["options"].size, 0)
      facet["of"].tally.each do |key, count|
        (facet["sets"] ? facet["sets"][key] : key).each { |option| counts[option] += count }
      end
      facet["options"].zip(counts)
    end

    private

    def blocks_of(index)
      index.empty? ? 0 : (index["count"].to_f / index["block"]).ceil
    end

    def read(name)
      Feed.read(@site, "list/#{name}", MAX_BYTES)
    end
  end
end

Jekyll::Hooks.register(:site, :after_reset) { |site| site.filter_cache.delete(:list_feed) }
