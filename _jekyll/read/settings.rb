# frozen_string_literal: true

module Almanac
  # The block `registry` of the settings, as scripts/registry/settings.py reads it: a null in a file that is laid
  # over another takes a value away, where Jekyll would keep the one below. What the pages ask for is always there.
  module Settings
    DEFAULTS = {
      "repository" => nil, "plugins_dir" => "_plugins",
      "sources" => { "usage" => true, "github" => true, "compatibility" => true },
    }.freeze

    module_function

    def settle(site)
      files = Array(site.config["config"]).map { |name| site.config.safe_load_file(File.expand_path(name)) }
      files = [site.config] if files.empty?
      blocks = files.filter_map { |content| content["registry"] if content["registry"].is_a?(Hash) }
      settled = blocks.reduce(DEFAULTS) { |below, above| layer(below, above) }
      site.config["registry"] = settled unless site.config["registry"] == settled
    end

    def layer(below, above)
      below.merge(above) do |_, lower, upper|
        lower.is_a?(Hash) && upper.is_a?(Hash) ? layer(lower, upper) : upper
      end
    end
  end
end

# Not before: Jekyll's reset forgets its cache when the settings are others than at the last one.
Jekyll::Hooks.register(:site, :after_reset, :priority => :high) { |site| Almanac::Settings.settle(site) }
