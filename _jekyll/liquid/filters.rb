# frozen_string_literal: true

require "cgi"
require_relative "../read/values"

module Almanac
  # What the layouts need beyond Liquid's own filters.
  module Filters
    SAFE = %r!\A(?:https?://|(?:/[A-Za-z0-9_.~%-]+)*/assets/img/plugins/)[^"'<>\s\\]+\z!i.freeze

    # The address when it is http(s) or a picture of this site, else nothing: what Guard promises, seen to
    # once more where it is printed.
    def safe_url(value)
      value.is_a?(String) && SAFE.match?(value) ? value : ""
    end

    # A source's entry of PluginPage as a line of HTML; without one, what is to be said then (nil: nothing).
    def freshness(source, otherwise)
      return otherwise ? %(<p class="small">#{CGI.escapeHTML(otherwise)}</p>) : "" unless source

      stale = "; newer ones could not be had" if source["stale"]
      %(<p class="small">#{source["name"]} <time datetime="#{source["iso"]}"#{" data-ago" if source["recent"]}>) +
        "#{source["words"]}</time>#{stale}.</p>"
    end

    # 12345 as 12,345; what is not known says so.
    def figure(value)
      value.is_a?(Integer) ? Values.number(value) : "unknown"
    end

    # 1 plugin, 2 plugins
    def counted(value, one, many = "#{one}s")
      "#{figure(value)} #{value == 1 ? one : many}"
    end

    # example.org of https://example.org/some/where
    def host_of(value)
      Values.host_of(value)
    end
  end
end

Liquid::Template.register_filter(Almanac::Filters)
