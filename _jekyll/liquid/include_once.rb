# frozen_string_literal: true

module Almanac
  # {% include_once header.html page.section %}: an include that is rendered once for each value of its key
  # and then only copied. It sees `site`, the registry's `notice` or nil, and `key`; nothing of the page.
  class IncludeOnce < Liquid::Tag
    SYNTAX = %r!\A\s*([a-z_]+\.html)(?:\s+([a-z_.]+))?\s*\z!.freeze

    def initialize(tag_name, markup, tokens)
      super
      match = SYNTAX.match(markup) or raise Liquid::SyntaxError, "write {% include_once file.html [page.key] %}"
      @file = match[1]
      @key = match[2] && Liquid::VariableLookup.parse(match[2])
    end

    def render(context)
      site = context.registers[:site]
      key = @key ? context.evaluate(@key).to_s : ""
      kept = (site.filter_cache[:include_once] ||= {})
      kept[[@file, key]] ||= begin
        path = site.in_source_dir(site.config["includes_dir"], @file)
        site.liquid_renderer.file(path).parse(File.read(path)).render!(
          { "site" => site.site_payload["site"], "notice" => site.config.dig("registry", "notice"), "key" => key },
          :registers => { :site => site }, :strict_filters => true, :strict_variables => true
        )
      end
    end
  end
end

Liquid::Template.register_tag("include_once", Almanac::IncludeOnce)
Jekyll::Hooks.register(:site, :after_reset) { |site| site.filter_cache.delete(:include_once) }
