# frozen_string_literal: true

module Almanac
  # What the layouts need beyond Liquid's own filters.
  module Filters
    SAFE = %r!\A(?:https?://|(?:/[A-Za-z0-9_.~%-]+)*/assets/img/plugins/)[^"'<>\s\\]+\z!i.freeze

    # The address when it is http(s) or a picture of this site, else nothing: what Guard promises, seen to
    # once more where it is printed.
    def safe_url(value)
      value.is_a?(String) && SAFE.match?(value) ? value : ""
    end

    # 12345 as 12,345; what is not known says so.
    def figure(value)
      return "unknown" unless value.is_a?(Integer)

      value.to_s.gsub(%r!(?<=\d)(?=(?:\d{3})+\z)!, ",")
    end

    # 1 plugin, 2 plugins
    def counted(value, one, many = "#{one}s")
      "#{figure(value)} #{value == 1 ? one : many}"
    end

    # example.org of https://example.org/some/where
    def host_of(value)
      value.to_s[%r!\Ahttps?://(?:www\.)?([^/?#:]+)!i, 1].to_s
    end
  end
end

Liquid::Template.register_filter(Almanac::Filters)
