# frozen_string_literal: true

require_relative "../body/cache"
require_relative "../build/left_out"
require_relative "../build/workers"
require_relative "../lists/cards"
require_relative "../pages/plugin_page"
require_relative "front_matter"
require_relative "guard"
require_relative "values"

# Reads the collection `plugins`. Jekyll's own reading lets front matter choose address, layout, date and
# whether there is a page at all, stops the build at a date that is none, and publishes any other file that
# lies beside the registrations. Here a file is a registration, or it is left out and named.

module Almanac
  COLLECTION = "plugins"

  class Registration < Jekyll::Document
    # refused: [code, message] of what stands against its own page, nil for nearly all.
    attr_accessor :card, :refused

    def self.made(path, site, collection, found)
      new(path, :site => site, :collection => collection).tap { |registration| registration.take(found) }
    end

    def slug
      @slug ||= File.basename(path, ".md")
    end

    # Keeps the address true to the file's name, case and dots included (`:name` would make a new one).
    def url
      @url ||= "/plugins/#{slug}/"
    end

    def take(found)
      @data = found[:data].merge!("url" => url, "href" => "#{site.config["baseurl"]}#{url}")
      self.content = found[:html]
      self.card = found[:card]
      self.refused = found[:refused]
    end

    # The body is HTML already.
    def extname
      ".html"
    end

    def date
      site.time
    end

    def write?
      true
    end

    def to_liquid
      PluginPage.of(site).complete(data)
    end
  end

  module Registrations
    module_function

    # Return the registrations by title.
    def read(site, collection)
      return [] unless collection.exists?

      bodies = BodyCache.new(site)
      cards = Cards.new(site)
      paths = Dir.children(collection.directory).reject { |name| name.start_with?(".") }.sort
        .map { |name| File.join(collection.directory, name) }
      as_text = ->(path) { read_one(path, bodies.as_text, cards) }
      found = Workers.map(paths, :instead => as_text, :lost => { :fault => LeftOut::DIED }) { |path| read_one(path, bodies, cards) }
      leave_out(collection, paths, found)
      found.each_with_object({}) { |one, all| all[one[:digest]] = one[:html] if one[:digest] }
        .then { |converted| bodies.remember(converted) }
      paths.zip(found).reject { |_, one| one[:fault] }
        .map { |path, one| Registration.made(path, site, collection, one) }
        .then { |registrations| in_order(registrations) }
    end

    # Return {:data, :digest, :html, :card, :refused} or {:fault}.
    def read_one(path, bodies, cards)
      slug = File.basename(path, ".md")
      raise FrontMatter::Unreadable, "not the name of a registration" unless path.end_with?(".md") && Values.slug?(slug)
      raise FrontMatter::Unreadable, "no regular file" if File.symlink?(path) || !File.file?(path)

      raw, body = FrontMatter.read(path)
      data = Guard.clean(raw, slug)
      { :data => data, :card => cards.render(data) }.merge!(body(bodies, body, data["homepage"]))
    rescue FrontMatter::Unreadable => e
      { :fault => ["unreadable", e.message] }
    rescue StandardError => e
      { :fault => ["not-built", "#{e.class}: #{e.message}"] } # a mistake of ours, which costs this page and no other
    end

    def body(bodies, text, homepage)
      digest, html = bodies.convert(text, homepage)
      { :digest => digest, :html => html }
    rescue Markdown::TooLarge => e
      { :html => "", :refused => ["too-large", e.message] }
    end

    def leave_out(collection, paths, found)
      paths.zip(found) do |path, one|
        LeftOut.add(collection.site, File.join(collection.relative_directory, File.basename(path)), one[:fault]) if one[:fault]
      end
    end

    # Sorted, each with its neighbours.
    def in_order(registrations)
      registrations.sort_by! { |registration| [registration.data["title"].downcase, registration.slug] }
      registrations.each_cons(2) do |one, other|
        one.data["next"] = { "title" => other.data["title"], "href" => other.data["href"] }
        other.data["previous"] = { "title" => one.data["title"], "href" => one.data["href"] }
      end
    end

    module InsteadOfJekylls
      def read
        label == COLLECTION ? self.docs = Registrations.read(site, self) : super
      end
    end
  end
end

Jekyll::Collection.prepend(Almanac::Registrations::InsteadOfJekylls)
