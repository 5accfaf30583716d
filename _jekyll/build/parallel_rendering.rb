# frozen_string_literal: true

require_relative "../lists/list_page"
require_relative "../read/registrations"
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

    module_function

    def run(site, payload)
      items = site.collections[COLLECTION]&.docs.to_a + site.pages.select { |page| page.is_a?(ListPage) && page.html? }
      parse_templates(site)
      died = ->(item) { "#{item.url}: its process died" }
      faults = Workers.map(items, :instead => died, :patience => Workers::LONG_PATIENCE_S) do |item|
        render(item, payload, site.dest)
      end
      raise Jekyll::Errors::FatalException, faults.compact.first(10).join("\n") if faults.any?

      items.each { |item| item.written = true }
    end

    # Once, before the processes part: each would parse them anew.
    def parse_templates(site)
      site.layouts.each_value { |layout| site.liquid_renderer.file(layout.path).parse(layout.content) }
    end

    # Return nil, or what went wrong.
    def render(item, payload, dest)
      item.renderer.payload = payload
      item.output = item.renderer.run
      item.write(dest)
      item.output = nil
    rescue StandardError => e
      "#{item.url}: #{e.message}"
    end
  end

  Registration.prepend(ParallelRendering::WrittenEarly)
  ListPage.prepend(ParallelRendering::WrittenEarly)
end

Jekyll::Hooks.register(:site, :pre_render, :priority => :low) { |site, payload| Almanac::ParallelRendering.run(site, payload) }
