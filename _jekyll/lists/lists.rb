# frozen_string_literal: true

require_relative "../pages/home"
require_relative "../pages/notices"
require_relative "../read/registrations"
require_relative "cards"
require_relative "list_feed"
require_relative "list_page"
require_relative "names"
require_relative "paging"

# Fills the pages that list plugins and adds the ones that have no file: further pages of a list, a page for
# each tag and author. Each plugin is looked at a fixed number of times, however many lists show it.

module Almanac
  class Lists < Jekyll::Generator
    priority :normal

    MOST_USED = 30
    # Names beside the title of a tag's or author's page.
    COMPANY = 8

    def generate(site)
      @site = site
      @base = site.config["baseurl"].to_s
      @paging = Paging.new(site)
      @plugins = site.collections[COLLECTION]&.docs.to_a
      @pages = site.pages.filter_map { |page| [page.data["list"], page] if page.data["list"] }.to_h
      @site.data["figures"] = Home.figures(@site, @plugins)
      @places = places
      tags = index("tags", "by_tag")
      authors = index("authors", "by_author")
      lists(tags, "by_tag", "Tag", authors)
      lists(authors, "by_author", "Author", tags)
      plain_lists
      Home.fill(site, @pages["home"], @plugins, "authors" => authors.size, "tags" => tags.size)
      Notices.fill(site, @pages["notices"], @plugins)
      redirects
    end

    private

    # Document -> its place by use.
    def places
      ListFeed.of(@site).by_popularity(@plugins).each_with_index.to_h.compare_by_identity
    end

    def by_use(docs)
      docs.sort_by { |doc| @places[doc] }
    end

    # The names that stand in `key`, their page, and the links to them in each plugin.
    def index(key, folder)
      groups = Names.groups(@plugins) { |doc| doc.data[key] }
      links = Hash.new { |made, name| made[name] = name_link(folder, name) }
      groups.each { |group| group.merge!(address(folder, group), "link" => links[group["name"]]) }
      @plugins.each { |doc| doc.data["#{key}_links"] = doc.data[key].map { |name| links[name] } }
      fill_index(@pages[folder], groups)
      groups
    end

    def name_link(folder, name)
      @name_link ||= Liquid::Template.parse(File.read(@site.in_source_dir(@site.config["includes_dir"], "name.html")))
      data = { "name" => name, "href" => "#{@base}#{Names.address(folder, name)}" }
      @name_link.render!(data, :strict_filters => true, :strict_variables => true).strip
    end

    def address(folder, group)
      address = Names.address(folder, group["name"])
      { "address" => address, "href" => "#{@base}#{address}", "count" => group["docs"].size }
    end

    def fill_index(page, groups)
      return unless page

      page.data["total"] = groups.size
      page.data["most_used"] = groups.max_by(MOST_USED) { |group| group["count"] }.select { |group| group["count"] > 1 }
      lettered = Paging.grouped(groups) { |group| Paging.initial(group["name"]) }
      @paging.fill(page, lettered, @site.config["per_index_page"], &:itself)
    end

    # A page for each name. company: the groups of the names that its plugins bring along.
    def lists(groups, folder, kind, company)
      with = companions(company)
      groups.each do |group|
        about = { "kind" => kind, "name" => group["name"], "count" => group["count"],
                  "company" => company_of(group, with), }
        page = ListPage.new(@site, group["address"], "title" => "#{kind}: #{group["name"]}", "section" => folder,
                                                     "about" => about)
        @site.pages << page
        cards(page, [{ "heading" => nil, "items" => by_use(group["docs"]) }])
      end
    end

    # Document -> the groups that it is in.
    def companions(groups)
      found = {}.compare_by_identity
      groups.each { |group| group["docs"].each { |doc| (found[doc] ||= []) << group } }
      found
    end

    # {"links": HTML of the most frequent, "others": how many more}
    def company_of(group, companions)
      counted = Hash.new(0).compare_by_identity
      group["docs"].each { |doc| companions[doc]&.each { |other| counted[other] += 1 } }
      { "links" => counted.max_by(COMPANY) { |_, count| count }.map { |other, _| other["link"] },
        "others" => [counted.size - COMPANY, 0].max, }
    end

    def plain_lists
      fill("by_name", Paging.grouped(@plugins) { |doc| Paging.initial(doc.data["title"]) })
      newest = @plugins.sort_by.with_index { |doc, index| [-Home.day(doc), index] }
      fill("by_date", Paging.grouped(newest) { |doc| doc.data["date"] ? doc.data["date"]["iso"][0, 4] : "No date" })
      wanted, rest = by_use(@plugins.select { |doc| doc.data["abandoned"] || doc.data["up_for_adoption"] })
        .partition { |doc| doc.data["up_for_adoption"] }
      fill("abandoned", [{ "heading" => "Up for adoption", "items" => wanted },
                         { "heading" => "Abandoned", "items" => rest },])
    end

    def fill(name, groups)
      page = @pages[name] or return
      page.data["about"] = nil
      page.data["total"] = groups.sum { |group| group["items"].size }
      cards(page, groups)
    end

    def cards(page, groups)
      @paging.fill(page, groups, @site.config["per_page"]) do |slice|
        slice.map { |group| group.slice("heading", "id").merge("cards" => Cards::Joined.new(group["items"])) }
      end
    end

    # Old addresses of registrations, where no registration lives now.
    def redirects
      taken = @plugins.to_h { |doc| [doc.slug.downcase, true] }.merge("page" => true, "index.html" => true)
      @plugins.each do |doc|
        doc.data["redirect_from"].each do |slug|
          next if taken.key?(slug.downcase)

          taken[slug.downcase] = true
          @site.pages << ListPage.new(@site, "/plugins/#{slug}/", { "layout" => "redirect",
            "title" => doc.data["title"], "target" => doc.data["href"], })
        end
      end
    end
  end
end
