# frozen_string_literal: true

require "fileutils"
require_relative "../lists/list_page"
require_relative "../read/registrations"
require_relative "left_out"
require_relative "workers"

# Renders and writes the plugins' pages and the lists on every core: thousands of pages that do not know of
# each other. Jekyll finds them rendered and written when it comes to them, and still counts them as its own,
# so that what is obsolete goes and conflicts are told.

module Almanac
  module ParallelRendering
    module WrittenEarly
      attr_accessor :written

      def renderer
        written ? Done : super
      end

      def write(dest)
        written ? true : super
      end
    end

    # Stands for the renderer of a page that is written.
    module Done
      class << self
        attr_writer :payload

        def run
          ""
        end

        def output_ext
          ".html"
        end

        # Asked for by the hook of Jekyll's Sass converter.
        def converters
          []
        end
      end
    end

    # Of a plugin's page: fifty times the largest of 150 real ones (2026-11).
    MAX_BYTES = 2_000_000
    # Lists, further pages of lists and redirects that may fail; more, if they are at most one in twenty.
    MAX_LISTS = 20

    module_function

    def run(site, payload)
      items = site.collections[COLLECTION]&.docs.to_a + site.pages.select { |page| page.is_a?(ListPage) && page.html? }
      parse_templates(site)
      faults = Workers.map(items, :lost => LeftOut::DIED, :patience => Workers::LONG_PATIENCE_S) do |item|
        render(item, payload, site.dest)
      end
      settle(site, items.zip(faults).select(&:last))
      items.each { |item| item.written = true }
    end

    # A page that failed costs that page; what an earlier build left at its address goes. Where so many lists fail
    # that the fault is none of the plugins', there is no site.
    def settle(site, failed)
      pages, lists = failed.partition { |item, _| item.is_a?(Registration) }
      refuse(lists, site.pages.count { |page| page.is_a?(ListPage) && page.html? })
      failed.each { |item, _| FileUtils.rm_f(item.destination(site.dest)) }
      pages.each { |page, fault| LeftOut.add(site, page.relative_path, fault) }
      lists.each { |page, fault| LeftOut.add_page(site, page.url, fault) }
      site.pages.reject! { |page| page.is_a?(ListPage) && lists.any? { |list, _| list.equal?(page) } }
    end

    def refuse(lists, count)
      return unless lists.size > MAX_LISTS && lists.size * 20 > count

      raise Jekyll::Errors::FatalException, lists.first(10).map { |item, fault| "#{item.url}: #{fault.last}" }.join("\n")
    end

    # Once, before the processes part: each would parse them anew.
    def parse_templates(site)
      site.layouts.each_value { |layout| site.liquid_renderer.file(layout.path).parse(layout.content) }
    end

    # Return nil, or what went wrong as [code, message].
    def render(item, payload, dest)
      of_plugin = item.is_a?(Registration)
      return item.refused if of_plugin && item.refused

      item.renderer.payload = payload
      item.output = item.renderer.run
      return too_large(item.output.bytesize) if of_plugin && item.output.bytesize > MAX_BYTES

      item.write(dest)
      item.output = nil
    rescue StandardError, SystemStackError => e
      ["not-built", "#{e.class}: #{e.message}"]
    end

    def too_large(bytes)
      ["too-large", "its page would have #{bytes} bytes, more than #{MAX_BYTES}; shorten the registration"]
    end
  end

  Registration.prepend(ParallelRendering::WrittenEarly)
  ListPage.prepend(ParallelRendering::WrittenEarly)
end

Jekyll::Hooks.register(:site, :pre_render, :priority => :low) { |site, payload| Almanac::ParallelRendering.run(site, payload) }
