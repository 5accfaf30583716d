# frozen_string_literal: true

require "cgi"

module Almanac
  # Gives the links and pictures of this site that stand in registrations the site's baseurl. Where a link
  # leads to no page, its text stays; where a picture is missing, what it shows is said.
  class Settle < Jekyll::Generator
    priority :low

    # As safe_html.rb writes them.
    LINK = %r!<a href="(/[^"]*)"!.freeze
    PICTURE = %r!<img src="(/[^"]*)"[^>]*>!.freeze
    ALT = %r! alt="([^"]*)"!.freeze

    def generate(site)
      @base = site.config["baseurl"].to_s
      registrations = site.collections[COLLECTION]&.docs.to_a
      @pages = (registrations + site.pages).to_h { |page| [page.url, true] }
      @files = site.static_files.to_h { |file| [file.relative_path, true] }
      registrations.each do |registration|
        html = registration.content
        registration.content = body(html) if html.include?('="/')
        registration.data["screenshots"].each { |shot| screenshot(shot) if shot["own"] }
      end
    end

    private

    def body(html)
      html.gsub(LINK) { |tag| leads?(Regexp.last_match(1)) ? tag.sub('"', "\"#{@base}") : "<a" }
        .gsub(PICTURE) { |tag| there?(Regexp.last_match(1)) ? tag.sub('"', "\"#{@base}") : tag[ALT, 1].to_s }
    end

    def leads?(link)
      path = CGI.unescapeHTML(link)[%r!\A[^?#]*!]
      !link.include?("#") && (@pages.key?(path) || @pages.key?("#{path}/") || @files.key?(path))
    end

    def there?(link)
      @files.key?(Jekyll::URL.unescape_path(CGI.unescapeHTML(link)))
    end

    def screenshot(shot)
      shot["missing"] = !@files.key?(shot["own"])
      shot["url"] = "#{@base}#{shot["url"]}"
    end
  end
end
