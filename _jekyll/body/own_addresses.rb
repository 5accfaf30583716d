# frozen_string_literal: true

require "cgi"
require_relative "../build/published_feeds"
require_relative "../read/pictures"
require_relative "../read/registrations"

module Almanac
  # Gives the links and pictures of this site that stand in registrations the site's baseurl, and pictures their
  # size. Where a link leads to no page, its text stays; where a picture is missing, what it shows is said.
  class OwnAddresses < Jekyll::Generator
    priority :low

    # As safe_html.rb writes them.
    LINK = %r!<a href="(/[^"]*)"!.freeze
    PICTURE = %r!<img src="(/[^"]*)"[^>]*>!.freeze
    ALT = %r! alt="([^"]*)"!.freeze
    SIZED = %r! (?:width|height)="!.freeze
    # What others can show of a page.
    SHOWN_ELSEWHERE = %r!\.(?:png|jpe?g|gif|webp)\z!i.freeze

    def generate(site)
      @base = site.config["baseurl"].to_s
      registrations = site.collections[COLLECTION]&.docs.to_a
      @pages = (registrations + site.pages).to_h { |page| [page.url, true] }
      @files = site.static_files.to_h { |file| [file.relative_path, true] }
      @sizes = sizes(site, registrations)
      @feeds = PublishedFeeds.of(site)
      registrations.each { |registration| settle(registration) }
    end

    private

    def settle(registration)
      html = registration.content
      registration.content = body(html) if html.include?('="/')
      shots = registration.data["screenshots"].each { |shot| screenshot(shot) if shot["own"] }
      shown = shots.find { |shot| shot["own"] && !shot["missing"] && SHOWN_ELSEWHERE.match?(shot["own"]) }
      registration.data["image"] = shown && shown["url"]
    rescue StandardError => e
      registration.refused = ["not-built", "#{e.class}: #{e.message}"]
    end

    # Of each picture that is shown, looked at once.
    def sizes(site, registrations)
      wanted = registrations.flat_map do |registration|
        registration.data["screenshots"].filter_map { |shot| shot["own"] } +
          registration.content.scan(PICTURE).map { |(src)| path(src) }
      end
      shown = wanted.uniq.select { |path| @files.key?(path) }
      found = Pictures.sizes(shown.map { |path| site.in_source_dir(path) })
      shown.to_h { |path| [path, found[site.in_source_dir(path)]] }
    end

    def body(html)
      html.gsub(LINK) { |tag| leads?(Regexp.last_match(1)) ? tag.sub('"', "\"#{@base}") : "<a" }
        .gsub(PICTURE) { |tag| there?(Regexp.last_match(1)) ? picture(tag, Regexp.last_match(1)) : tag[ALT, 1].to_s }
    end

    def picture(tag, src)
      width, height = @sizes[path(src)]
      sized = width && !SIZED.match?(tag) ? tag.sub(%r!>\z!, %( width="#{width}" height="#{height}">)) : tag
      sized.sub('"', "\"#{@base}")
    end

    def leads?(link)
      path = CGI.unescapeHTML(link)[%r!\A[^?#]*!]
      return false if link.include?("#")

      @pages.key?(path) || @pages.key?("#{path}/") || @files.key?(path) || @feeds&.file?(path)
    end

    def there?(src)
      @files.key?(path(src))
    end

    def path(src)
      Jekyll::URL.unescape_path(CGI.unescapeHTML(src))
    end

    def screenshot(shot)
      shot["missing"] = !@files.key?(shot["own"])
      shot["width"], shot["height"] = @sizes[shot["own"]]
      shot["url"] = "#{@base}#{shot["url"]}"
    end
  end
end
