# frozen_string_literal: true

module Almanac
  # A page that no file stands for: page 2 of a list, the page of a tag. Its data is complete, so nothing is
  # looked up in defaults; its content is HTML or JSON already.
  class ListPage < Jekyll::PageWithoutAFile
    def initialize(site, address, data, content = "")
      folder, name = address.end_with?("/") ? [address, "index.html"] : File.split(address)
      @address = address
      super(site, site.source, folder.delete_prefix("/"), name)
      self.content = content
      @data = { "layout" => "list", "section" => "", "scripts" => [], "description" => nil, "image" => nil }
        .merge!(data, "render_with_liquid" => false, "url" => address)
    end

    def url
      @address
    end

    def to_liquid
      @data
    end
  end
end
