# frozen_string_literal: true

require "erb"
require "json"
require_relative "filters"
require_relative "list_page"
require_relative "names"
require_relative "notices"

# Fills the pages that list plugins and adds the ones that have no file: further pages of a list, a page for
# each tag and author, the index of the search. Each plugin is looked at a fixed number of times, however many
# lists show it.

module Almanac
  class Lists < Jekyll::Generator
    include Filters
    priority :normal

    RANKINGS = [
      { "id" => "popular", "title" => "Popular", "rank" => "instances_month", "figure" => %w(month instances),
        "unit" => "in use", "how" => "by installations seen in the last month" },
      { "id" => "hot", "title" => "Hot", "rank" => "install_events_week", "figure" => %w(week install_events),
        "unit" => "installs", "how" => "by new installations in the last week" },
      { "id" => "rising", "title" => "Rising", "rank" => "growth", "figure" => nil, "unit" => nil,
        "how" => "by growth against the month’s average" },
    ].freeze
    TOP = 10
    SEARCH_TEXT = 200

    def generate(site)
      @site = site
      @base = site.config["baseurl"].to_s
      @plugins = site.collections[COLLECTION]&.docs.to_a
      @pages = site.pages.filter_map { |page| [page.data["list"], page] if page.data["list"] }.to_h
      index("tags", "by_tag", "Tag")
      index("authors", "by_author", "Author")
      plain_lists
      home
      Notices.fill(site, @pages["notices"], @plugins)
      search_index
      redirects
    end

    private

    # The page of each tag or author, their index, and the links to them in each plugin.
    def index(key, folder, kind)
      groups = Names.groups(@plugins) { |doc| doc.data[key] }
      groups.each { |group| group.merge!(address(folder, group)) }
      links = Hash.new { |made, name| made[name] = name_link(folder, name) }
      @plugins.each { |doc| doc.data["#{key}_links"] = doc.data[key].map { |name| links[name] } }
      (@groups ||= {})[key] = groups
      (@later ||= []) << lambda do
        groups.each do |group|
          list("#{kind}: #{group["name"]}", group["address"], [{ "heading" => nil, "docs" => group["docs"] }],
               "section" => folder, "about" => { "kind" => kind, "name" => group["name"] })
        end
        fill_index(@pages[folder], groups)
      end
    end

    def name_link(folder, name)
      @name_link ||= Liquid::Template.parse(File.read(@site.in_source_dir(@site.config["includes_dir"], "name.html")))
      data = { "name" => name, "href" => "#{@base}/#{folder}/#{ERB::Util.url_encode(Names.slug(name))}/" }
      @name_link.render!(data, :strict_filters => true, :strict_variables => true).strip
    end

    def address(folder, group)
      address = "/#{folder}/#{ERB::Util.url_encode(group["slug"])}/"
      { "address" => address, "href" => "#{@base}#{address}", "count" => group["docs"].size }
    end

    def fill_index(page, groups)
      return unless page

      page.data["most_used"] = groups.max_by(30) { |group| group["count"] }.select { |group| group["count"] > 1 }
      slices = groups.each_slice(@site.config["per_index_page"]).to_a
      paged(page, slices) { |data, slice| data["entries"] = slice || [] }
    end

    def plain_lists
      fill("plugins", [{ "heading" => nil, "docs" => @plugins }])
      fill("by_name", grouped(@plugins) { |doc| initial(doc.data["title"]) })
      newest = @plugins.sort_by.with_index { |doc, index| [-day(doc), index] }
      fill("by_date", grouped(newest) { |doc| doc.data["date"] ? doc.data["date"]["iso"][0, 4] : "No date" })
      wanted, rest = @plugins.select { |doc| doc.data["abandoned"] || doc.data["up_for_adoption"] }
        .partition { |doc| doc.data["up_for_adoption"] }
      fill("abandoned", [{ "heading" => "Up for adoption", "docs" => wanted },
                         { "heading" => "Abandoned", "docs" => rest },])
      @later.each(&:call)
    end

    def day(doc)
      doc.data["date"] ? doc.data["date"]["iso"].delete("-").to_i : 0
    end

    def initial(title)
      letter = title[%r!\p{L}|\p{N}!].to_s.unicode_normalize(:nfd)[0].to_s.upcase
      letter.match?(%r!\A\p{L}\z!) ? letter : "0–9"
    end

    # Consecutive documents under one heading; all of the same heading come together.
    def grouped(docs, &heading)
      docs.group_by(&heading).map { |name, members| { "heading" => name, "docs" => members } }
    end

    def fill(name, groups)
      page = @pages[name]
      paged(page, slices(groups)) { |data, slice| show(data, slice) } if page
    end

    def list(title, address, groups, data)
      page = ListPage.new(@site, address, data.merge("title" => title))
      @site.pages << page
      paged(page, slices(groups)) { |page_data, slice| show(page_data, slice) }
    end

    # Groups cut into pages: [[{"heading", "docs"}, ...], ...]
    def slices(groups)
      groups.flat_map { |group| group["docs"].map { |doc| [group["heading"], doc] } }
        .each_slice(@site.config["per_page"])
        .map do |slice|
          slice.group_by(&:first).map { |heading, members| { "heading" => heading, "docs" => members.map(&:last) } }
        end
    end

    def show(data, groups)
      data["groups"] = (groups || []).map do |group|
        { "heading" => group["heading"], "cards" => Cards::Joined.new(group["docs"]) }
      end
    end

    # Gives the first slice to the page itself and adds a page for each other one.
    def paged(page, slices)
      count = [slices.size, 1].max
      first = page.url
      address = ->(number) { number == 1 ? first : "#{first}page/#{number}/" }
      (1..count).each do |number|
        data = number == 1 ? page.data : page.data.merge("title" => "#{page.data["title"]}, page #{number}")
        data["pager"] = pager(number, count, address)
        yield data, slices[number - 1]
        @site.pages << ListPage.new(@site, address.call(number), data) if number > 1
      end
    end

    def pager(number, count, address)
      {
        "number" => number, "count" => count,
        "previous" => number > 1 ? "#{@base}#{address.call(number - 1)}" : nil,
        "next" => number < count ? "#{@base}#{address.call(number + 1)}" : nil,
      }
    end

    def home
      page = @pages["home"] or return
      page.data["host"] = { "url" => nil }.merge(@site.config.dig("registry", "host"))
      page.data["figures_of"] = @plugins.filter_map { |doc| doc.data["freshness"]["usage"]&.fetch("date") }
        .max_by { |date| date["iso"] }
      page.data["counts"] = {
        "plugins" => @plugins.size, "authors" => @groups["authors"].size, "tags" => @groups["tags"].size,
        "adoption" => @plugins.count { |doc| doc.data["up_for_adoption"] },
      }
      page.data["rankings"] = (RANKINGS.map { |ranking| ranked(ranking) } << newest << released)
        .reject { |ranking| ranking["entries"].empty? }
    end

    def ranked(ranking)
      entries = top(ranking["rank"]).map do |doc|
        value = ranking["figure"] && doc.data["usage"]&.dig(*ranking["figure"])
        entry(doc, value && "#{figure(value)} #{ranking["unit"]}")
      end
      ranking.merge("entries" => entries)
    end

    def newest
      docs = @plugins.select { |doc| doc.data["date"] }.max_by(TOP) { |doc| [day(doc), doc.slug] }
      { "id" => "newest", "title" => "Newest", "how" => "by the day of registration",
        "entries" => docs.map { |doc| entry(doc, doc.data["date"]["words"]) }, }
    end

    def released
      entries = top("latest_release").map { |doc| entry(doc, doc.data["github"]&.dig("release", "date", "words")) }
      { "id" => "released", "title" => "Recently released", "how" => "by the day of the latest release",
        "entries" => entries, }
    end

    def top(rank)
      @plugins.select { |doc| doc.data["ranks"][rank]&.between?(1, TOP) }
        .sort_by { |doc| [doc.data["ranks"][rank], doc.slug] }.first(TOP)
    end

    def entry(doc, figure)
      { "title" => doc.data["title"], "href" => doc.data["href"], "figure" => figure }
    end

    # What assets/js/search.js reads: [[address, title, description, authors, tags], ...]
    def search_index
      rows = @plugins.map do |doc|
        [doc.data["href"], doc.data["title"], doc.data["description"].to_s[0, SEARCH_TEXT],
         doc.data["authors"], doc.data["tags"],]
      end
      json = JSON.generate(rows).gsub("<", "\\u003c")
      @site.pages << ListPage.new(@site, "/search/index.json", { "layout" => "none", "title" => "Search" }, json)
    end

    # Old addresses of registrations, where no registration lives now.
    def redirects
      taken = @plugins.to_h { |doc| [doc.slug.downcase, true] }.merge("page" => true, "index.html" => true)
      @plugins.each do |doc|
        doc.data["redirect_from"].each do |slug|
          next if slug.include?("..") || taken.key?(slug.downcase)

          taken[slug.downcase] = true
          @site.pages << ListPage.new(@site, "/plugins/#{slug}/", { "layout" => "redirect",
            "title" => doc.data["title"], "target" => doc.data["href"], })
        end
      end
    end
  end
end
