# frozen_string_literal: true

require_relative "../liquid/filters"
require_relative "list_feed"

module Almanac
  # A plugin in a list: _includes/card.html, rendered once for each plugin and shown in many lists.
  class Cards
    # Joined only when a page prints them: with many tags, all pages together are far larger than all cards.
    Joined = Struct.new(:docs) do
      def to_liquid
        self
      end

      def to_s
        docs.map(&:card).join
      end
    end

    def initialize(site)
      path = site.in_source_dir(site.config["includes_dir"], "card.html")
      @template = Liquid::Template.parse(File.read(path))
      @base = site.config["baseurl"].to_s
      @feed = ListFeed.of(site)
    end

    def render(data)
      slug = data["slug"]
      plugin = data.merge("href" => "#{@base}/plugins/#{slug}/", "python_3" => @feed.python_3(data))
      @template.render!({ "plugin" => plugin }, :strict_filters => true, :strict_variables => true)
    end
  end
end
