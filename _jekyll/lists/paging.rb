# frozen_string_literal: true

require "erb"
require_relative "list_page"

module Almanac
  # Cuts a list into pages of bounded size. A list is [{"heading" (text or nil), "items"}, ...]; what comes
  # under a heading may go on, on the next page.
  class Paging
    ZERO_TO_NINE = "0–9"

    # Two letters that are one without regard to case (Θ, ϴ) make one heading, as they make one id.
    def self.initial(text)
      letter = text[%r!\p{L}|\p{N}!].to_s.unicode_normalize(:nfd)[0].to_s.downcase.upcase
      letter.match?(%r!\A\p{L}\z!) ? letter : ZERO_TO_NINE
    end

    # Under one heading come all of whom the block says it, in the order of its first one.
    def self.grouped(items, &heading)
      items.group_by(&heading).map { |name, members| { "heading" => name, "items" => members } }
    end

    def initialize(site)
      @site = site
      @base = site.config["baseurl"].to_s
    end

    # Gives `page` the first `size` items and adds a page for each further lot. The block turns the groups of
    # one page, [{"heading", "id", "items"}, ...], into what its data is to hold as "groups".
    def fill(page, groups, size)
      slices = slices(groups, size)
      first = page.url
      address = ->(number) { number == 1 ? first : "#{first}page/#{number}/" }
      page.data["jump"] = jump(slices, address)
      [slices.size, 1].max.times.map(&:succ).each do |number|
        data = number == 1 ? page.data : page.data.merge("title" => "#{page.data["title"]}, page #{number}")
        data["pager"] = pager(number, [slices.size, 1].max, address)
        data["groups"] = yield(slices[number - 1] || [])
        @site.pages << ListPage.new(@site, address.call(number), data) if number > 1
      end
    end

    private

    def slices(groups, size)
      groups.flat_map { |group| group["items"].map { |item| [group["heading"], item] } }.each_slice(size).map do |slice|
        slice.group_by(&:first).map do |heading, members|
          { "heading" => heading, "id" => heading && id(heading), "items" => members.map(&:last) }
        end
      end
    end

    # Where each heading first stands: [{"heading", "href"}]; nothing to jump to with fewer than three.
    def jump(slices, address)
      places = slices.each_with_index.flat_map do |groups, index|
        groups.map do |group|
          { "heading" => group["heading"], "href" => "#{@base}#{address.call(index + 1)}##{ERB::Util.url_encode(group["id"])}" }
        end
      end
      places = places.uniq { |place| place["heading"] }.select { |place| place["heading"] }
      places.size < 3 ? [] : places
    end

    def id(heading)
      "at-#{heading.downcase.gsub(%r![^\p{L}\p{M}\p{N}]+!, "-")}"
    end

    def pager(number, count, address)
      {
        "number" => number, "count" => count,
        "previous" => number > 1 ? "#{@base}#{address.call(number - 1)}" : nil,
        "next" => number < count ? "#{@base}#{address.call(number + 1)}" : nil,
      }
    end
  end
end
