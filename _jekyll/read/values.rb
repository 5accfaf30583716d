# frozen_string_literal: true

require "date"

module Almanac
  # Each function takes whatever stands in a registration and returns what it promises, or nil.
  module Values
    BREAKS = %r![\p{Cc}\p{Zl}\p{Zp}]|\s{2}!.freeze
    # What nobody sees and what turns the text around it: a title must not read as another one. Joiners stay, as
    # emoji and several scripts need them. The site check (site_check/page.py) leaves out the same.
    UNSEEN = %r![\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u180E\uFEFF]!.freeze
    MONTHS = %w(January February March April May June July August September October November December).freeze
    DATE = %r!\A(\d{4})-(\d{2})-(\d{2})(?:[T ][0-9:.]{4,15} ?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?\z!.freeze
    UTC_TIME = %r![T ]([01]\d:[0-5]\d:[0-5]\d|2[0-3]:[0-5]\d:[0-5]\d)(?:\.\d+)? ?(?:Z|UTC|[+-]00:?00)\z!.freeze
    # No user:password@, which makes an address look like another one.
    WEB = %r!\Ahttps?://(?:[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}.])?|\[[0-9a-f:.]+\])(?::(?:[0-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?(?:[/?#].*)?\z!i
      .freeze
    OWN_IMAGE = %r!\A/?(assets/img/plugins(?:/[\p{L}\p{N}_][\p{L}\p{N} ._,()+@%&~'=-]*)+)\z!.freeze
    OWN_ENCODED = %r![%' ]!.freeze
    # What may not stand raw in an address: controls, invisible characters, quotes, brackets, space.
    UNSAFE_IN_URL = %r![\p{C}\p{Z}<>"'`{}|\\^]!.freeze
    OF_ALL = %w(index index.html all).freeze
    SLUG = %r!\A(?=.{1,100}\z)[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_+-]+)*\z!.freeze
    MAX_URL = 2_000
    MAX_ITEMS = 100
    MAX_FIGURE = 10**12

    module_function

    # One line of text: controls and line breaks become spaces, what is not seen goes.
    def line(value)
      text = text(value) or return
      text = text.gsub(UNSEEN, "") unless text.ascii_only?
      text = text.gsub(%r![\p{Cc}\p{Zl}\p{Zp}\s]+!, " ") if BREAKS.match?(text)
      text = text.strip
      text unless text.empty?
    end

    def text(value)
      case value
      when String then value
      when Integer, Float, true, false then value.to_s
      end
    end

    # Whether the text may be an id or a file's name without .md, as `is_slug` of registration/model.py says.
    def slug?(text)
      SLUG.match?(text) && !OF_ALL.include?(text.downcase)
    end

    def list(value)
      case value
      when Array then value.first(MAX_ITEMS)
      when nil, Hash then []
      else [value]
      end
    end

    def lines(value)
      list(value).filter_map { |item| line(item) }.uniq
    end

    def hash(value)
      value.is_a?(Hash) ? value : {}
    end

    def figure(value)
      value if value.is_a?(Integer) && value.between?(0, MAX_FIGURE)
    end

    # 12345 as 12,345
    def number(value)
      value.to_s.gsub(%r!(?<=\d)(?=(?:\d{3})+\z)!, ",")
    end

    # An http(s) address, with every character encoded that could end an attribute; nil for any other.
    def web(value)
      return unless value.is_a?(String)

      url = value.strip
      return if url.length > MAX_URL || url.match?(%r![\p{Cc}\s]!) || !WEB.match?(url)

      encode(url)
    end

    def encode(url)
      url.gsub(UNSAFE_IN_URL) { |char| char.bytes.map { |byte| format("%%%02X", byte) }.join }
    end

    # {"url", "own"}: a picture of this site (path, without baseurl), or one elsewhere: then "own" is nil, and
    # pages only link to it.
    def image(value)
      return unless value.is_a?(String) && value.length <= MAX_URL

      if (path = value.strip[OWN_IMAGE, 1])
        return { "url" => "/#{path.gsub(OWN_ENCODED) { |char| format("%%%02X", char.ord) }}", "own" => "/#{path}" }
      end

      url = web(value)
      url && { "url" => url, "own" => nil }
    end

    # example.org of https://www.example.org/some/where
    def host_of(url)
      url.to_s[%r!\Ahttps?://(?:www\.)?([^/?#:]+)!i, 1].to_s
    end

    # {"iso" => "2020-07-24", "words" => "24 July 2020"}
    def date(value)
      year, month, day = DATE.match(value.to_s)&.captures&.map(&:to_i)
      return unless year && Date.valid_date?(year, month, day)

      { "iso" => format("%04d-%02d-%02d", year, month, day), "words" => "#{day} #{MONTHS[month - 1]} #{year}" }
    end

    # 24 July 2020 of a Date
    def day_words(day)
      "#{day.day} #{month_words(day)}"
    end

    # July 2020
    def month_words(day)
      "#{MONTHS[day.month - 1]} #{day.year}"
    end

    # A date with its time of day, where that is known: {"iso" => "2020-07-24T10:11:12Z", "words"}.
    # Zones other than UTC keep the day alone.
    def moment(value)
      date = date(value) or return
      time = UTC_TIME.match(value.to_s)
      iso = time ? "#{date["iso"]}T#{time[1]}Z" : date["iso"]
      { "iso" => iso, "words" => date["words"] }
    end

    # A statement that is true, or true with an address or a reason: {"url", "reason"}; nil when it is not made.
    def statement(value)
      return if value.nil? || value == false || value.to_s.strip.empty?
      return if %w(false no).include?(value.to_s.strip.downcase)

      url = web(value)
      { "url" => url, "reason" => (line(value) unless url || value == true || value.to_s.casecmp?("true")) }
    end
  end
end
