# frozen_string_literal: true

require_relative "filters"

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
    end

    def render(data)
      plugin = data.merge("href" => "#{@base}/plugins/#{data["slug"]}/")
      @template.render!({ "plugin" => plugin }, :strict_filters => true, :strict_variables => true)
    end
  end
end
