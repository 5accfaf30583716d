# frozen_string_literal: true

require "digest"
require_relative "markdown"

module Almanac
  # The HTML of registrations' bodies, remembered by the text that it came from: a second build converts
  # nothing. What is no longer used is forgotten.
  class BodyCache
    def initialize(site)
      @site = { "url" => site.config["url"].to_s, "baseurl" => site.config["baseurl"].to_s }
      @cache = Jekyll::Cache.new("Almanac::BodyCache")
      known = @cache.getset(Markdown::VERSION) { {} }
      @known = known.is_a?(Hash) ? known : {}
    end

    # Return [digest, HTML].
    def convert(body, homepage)
      text = Markdown.translate(body, :homepage => homepage, :site => @site)
      digest = Digest::SHA256.digest(text)
      [digest, @known[digest] || Markdown.html(text)]
    end

    # What converts nothing: for a body whose conversion did not end.
    def as_text
      dup.tap { |bodies| bodies.define_singleton_method(:convert) { |body, _| [nil, Markdown.plain(body)] } }
    end

    # converted: {digest => HTML} of this build.
    def remember(converted)
      @cache[Markdown::VERSION] = converted unless converted.keys.all? { |digest| @known.key?(digest) }
    end
  end
end
