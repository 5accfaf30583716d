# frozen_string_literal: true

require "cgi"
require "kramdown"
require "kramdown-parser-gfm"
require_relative "safe_html"

module Almanac
  # The Markdown of a registration, which anybody can write, to HTML that can do nothing but be read.
  module Markdown
    # Compiles its patterns once and not for each body.
    class Parser < Kramdown::Parser::GFM
      PATTERNS = Hash.new { |patterns, stop| patterns[stop] = {} }
      STARTS = {} # rubocop:disable Style/MutableConstant -- filled on first use

      def initialize(source, options)
        @span_pattern_cache = PATTERNS
        super
      end

      def span_parser_regexps(parsers = @span_parsers)
        STARTS[parsers] ||= super
      end
    end

    KRAMDOWN = {
      :input => "GFM", :hard_wrap => false, :syntax_highlighter => nil, :math_engine => nil,
      # No option may be set from within a body: some of them name files.
      :forbidden_inline_options => Kramdown::Options.definitions.keys
    }.freeze
    OPTIONS = Kramdown::Options.merge(KRAMDOWN)
    MAX_BYTES = 200_000
    # Of what a body becomes: fifty times that of the largest of 150 real ones (2026-11).
    MAX_HTML = 1_000_000
    WORDS = "its text becomes more than #{MAX_HTML} bytes of HTML; shorten it, or repeat less in it"
    # More HTML than a page can bear.
    TooLarge = Class.new(StandardError)

    # One title, abbreviation or list of attributes can stand on thousands of elements: 20 kB of a body of 40 kB
    # became 48 MB. What they add up to is counted while it grows.
    class Converter < Kramdown::Converter::Html
      def html_attributes(attributes)
        html = super
        @spent = (@spent || 0) + html.bytesize
        raise TooLarge, WORDS if @spent > MAX_HTML

        html
      end
    end

    # Changes when the same Markdown would become other HTML.
    VERSION = (%w(markdown safe_html ../read/values).map { |name| File.read(File.join(__dir__, "#{name}.rb")) } +
      [Kramdown::VERSION, Sanitize::VERSION, Nokogiri::VERSION]).join("\n").freeze

    # What Jekyll and the parser would stumble over: controls and code points that are no characters.
    NO_TEXT = %r![\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFDD0-\uFDEF\uFFFE\uFFFF]!.freeze

    YOUTUBE = %r!\{%-?\s*include\s+youtube\.html((?:\s+\w+=(?:"[^"]*"|'[^']*'))+)\s*-?%\}!.freeze
    ARGUMENT = %r!(\w+)=["']([^"']*)["']!.freeze
    VIDEO = %r!\A[A-Za-z0-9_-]{5,20}\z!.freeze
    WATCH = "Watch the video on YouTube"
    # A paragraph of nothing but such a link: assets/js/plugin.js shows the video in it after a click. Whoever
    # writes the same link gets the same.
    ALONE = %r!<p>(?=<a href="https://www\.youtube\.com/watch\?v=[A-Za-z0-9_-]{5,20}" rel="nofollow noopener ugc">#{WATCH}</a></p>)!.freeze
    HOMEPAGE = %r!\{\{-?\s*page\.homepage\s*(?:\|\s*absolute_url\s*)?-?\}\}!.freeze
    SITE = %r!\{\{-?\s*site\.(url|baseurl)\s*-?\}\}!.freeze

    module_function

    # The few forms of Liquid that real registrations use. Any other stays the text that it is.
    def translate(body, homepage:, site:)
      body.gsub(YOUTUBE) { |form| video(form, Regexp.last_match(1)) }
        .gsub(HOMEPAGE) { homepage.to_s.gsub(%r![()]!) { |char| format("%%%02X", char.ord) } }
        .gsub(SITE) { site.fetch(Regexp.last_match(1)) }
    end

    def video(form, arguments)
      id = arguments.scan(ARGUMENT).to_h["vid"]
      VIDEO.match?(id.to_s) ? "[#{WATCH}](https://www.youtube.com/watch?v=#{id})" : form
    end

    # What cannot be converted is shown as the text that it is. Raises TooLarge, and nothing else. Takes its time
    # with a body that was made to take it; see Workers for the end of its patience.
    def html(body)
      bounded(converted(body))
    end

    def converted(body)
      text = body.gsub("\r\n", "\n").gsub(NO_TEXT, "")
      return plain(text) if text.bytesize > MAX_BYTES

      root, = Parser.parse(text, KRAMDOWN)
      html = Converter.convert(root, OPTIONS).first
      (SafeHtml::Quick.new.clean(html) || SafeHtml::Cleaner.new.clean(html)).gsub(ALONE, '<p class="video">')
    rescue TooLarge
      raise
    rescue StandardError, SystemStackError
      plain(text)
    end

    # The body as the text that it is. Raises TooLarge.
    def plain(body)
      bounded("<pre>#{CGI.escapeHTML(body.scrub.gsub(NO_TEXT, ""))}</pre>\n")
    end

    def bounded(html)
      raise TooLarge, WORDS if html.bytesize > MAX_HTML

      html
    end
  end
end

# Once before the processes of Workers part: what is loaded and compiled on first use, they then share.
Almanac::Markdown.html("## A\n\nText *of* `every` [kind](https://example.org) <b>x</b><br>\n\n- a\n\n      code\n\n| a |\n|---|\n| b |\n")
