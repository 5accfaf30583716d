# frozen_string_literal: true

require "fileutils"
require "json"
require_relative "../lists/list_page"
require_relative "../read/values"

module Almanac
  # The plugins that get no page of their own, and why. It is said on stderr and, where `registry_left_out` names a
  # folder, handed to scripts/check_site.py, which reports it and puts a short page in the place of each:
  # `pages.json`, {slug or address: {"code", "message"}}, and `page.html`, that page with MARKS for what it says.
  module LeftOut
    MARKS = { :slug => "almanac-slug", :title => "almanac-title", :links => "almanac-links" }.freeze
    MAX_MESSAGE = 500
    DIED = ["not-built", "the process that makes its page died, or did not end"].freeze

    module_function

    def of(site)
      site.filter_cache[:left_out] ||= {}
    end

    # path: of the registration, as people know it ("_plugins/x.md"). fault: [code, message].
    def add(site, path, fault)
      code, message = fault
      keep(site, path, path.end_with?(".md") ? File.basename(path, ".md") : nil, code, message)
    end

    # Another page than a plugin's own: of a tag, of an author, of an address that a plugin had before.
    def add_page(site, address, fault)
      keep(site, address, address, *fault)
    end

    # key: in what is handed over; an address begins with a slash, and no slug does.
    def keep(site, path, key, code, message)
      # A runner obeys such words wherever they stand in a log.
      message = Values.line(message.to_s.scrub).to_s[0, MAX_MESSAGE].gsub("##[", "#\\x23[")
      of(site)[key] = { "code" => code, "message" => message } if key
      Jekyll.logger.warn "Left out:", "#{path}: #{message}"
    end

    def hand_over(site)
      folder = site.config["registry_left_out"] or return
      folder = File.expand_path(folder.to_s, site.source)
      FileUtils.mkdir_p(folder)
      File.write(File.join(folder, "pages.json"), JSON.generate(of(site)))
      File.write(File.join(folder, "page.html"), short_page(site))
    end

    def short_page(site)
      page = ListPage.new(site, "/plugins/#{MARKS[:slug]}/",
                          { "layout" => "left_out", "section" => "plugins", "title" => MARKS[:title], "links" => MARKS[:links] })
      page.renderer.payload = site.site_payload
      page.renderer.run
    end
  end
end

Jekyll::Hooks.register(:site, :after_reset) { |site| site.filter_cache.delete(:left_out) }
Jekyll::Hooks.register(:site, :post_write) { |site| Almanac::LeftOut.hand_over(site) }
