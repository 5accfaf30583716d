# frozen_string_literal: true

require "json"

module Almanac
  # A feed that Python wrote, read as something that may lie.
  module Feed
    module_function

    # What the JSON file `name` of the feeds holds; nil where there is none (as in a preview), or none that can be
    # read, which is told.
    def read(site, name, max_bytes)
      return unless site.config["registry_feeds"]

      path = File.join(File.expand_path(site.config["registry_feeds"].to_s, site.source), name)
      return unless File.file?(path) && File.size(path) <= max_bytes

      text = File.read(path, :encoding => "UTF-8")
      raise JSON::ParserError, "it is no UTF-8" unless text.valid_encoding?

      JSON.parse(text)
    rescue JSON::ParserError => e
      Jekyll.logger.warn "Feeds:", "#{path} is no JSON: #{e.message[0, 100]}"
      nil
    end
  end
end
