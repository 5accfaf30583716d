# frozen_string_literal: true

require_relative "../read/registrations"
require_relative "cards"
require_relative "list_feed"
require_relative "paging"

# The pages of all plugins, most used first, and on the first of them the form that sorts and filters.

module Almanac
  class PluginList < Jekyll::Generator
    priority :normal

    PER_PAGE = 60
    MOST_TAGS = 60
    SYSTEMS = { "windows" => "Windows", "linux" => "Linux", "macos" => "macOS", "freebsd" => "FreeBSD",
                "android" => "Android", }.freeze
    SORTS = { "popular" => "popularity", "hot" => "new installations", "rising" => "growth", "stars" => "stars",
              "released" => "latest release", "pushed" => "last change", "newest" => "day of registration", "name" => "name",
              "relevance" => "best match", }.freeze

    def generate(site)
      page = site.pages.find { |candidate| candidate.data["list"] == "all" } or return
      @feed = ListFeed.of(site)
      docs = @feed.by_popularity(site.collections[COLLECTION]&.docs.to_a)
      page.data["total"] = docs.size
      page.data["form"] = nil
      groups = [{ "heading" => nil, "items" => docs }]
      Paging.new(site).fill(page, groups, PER_PAGE) do |slice|
        slice.map { |group| { "cards" => Cards::Joined.new(group["items"]) } }
      end
      # The first page has a search of its own.
      @feed.empty? or page.data.merge!("form" => form(site), "scripts" => ["list.js"], "section" => "list")
    end

    private

    # What _layouts/plugins.html makes the form of.
    def form(site)
      host = site.config.dig("registry", "host", "name").to_s
      {
        "sorts" => SORTS.map { |value, label| { "value" => value, "label" => label } },
        "selects" => [
          select("python", "Python") { |value| value == "3" ? "any Python 3" : "Python #{value}" },
          select("host", host) { |value| "#{host} #{value}" },
          select("os", "Operating system") { |value| SYSTEMS.fetch(value, value) },
          select("licence", "Licence") { |value| value },
        ].reject { |one| one["options"].empty? },
        "checks" => [
          check("maintained", "Maintained within a year"), check("alive", "Not abandoned"),
        ].select { |one| one["count"].positive? },
        "tags" => @feed.options("tag").first(MOST_TAGS).map { |value, count| { "value" => value, "count" => count } },
      }
    end

    def select(name, label)
      options = @feed.options(name).map { |value, count| { "value" => value, "label" => yield(value), "count" => count } }
      # A family of licences that no plugin has is not offered.
      options.select! { |option| option["count"].positive? } if name == "licence"
      { "name" => name, "label" => label, "options" => options }
    end

    def check(name, label)
      { "name" => name, "label" => label, "count" => @feed.options(name)[0][1] }
    end
  end
end
