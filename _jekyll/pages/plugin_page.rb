# frozen_string_literal: true

require "erb"
require_relative "../build/published_feeds"
require_relative "../lists/list_feed"
require_relative "../read/specifiers"
require_relative "../read/values"
require_relative "ages"
require_relative "health"
require_relative "json_ld"

module Almanac
  # What the page of a plugin shows beyond what Guard keeps. Made when the page is rendered, by the process that
  # renders it, so that no process holds it for all plugins.
  class PluginPage
    FRESHNESS = {
      "usage" => "Usage figures from", "github" => "GitHub figures from", "compatibility" => "Its source was last read:",
    }.freeze
    # What a shell may read within double quotes stays encoded; PowerShell takes round quotes for straight ones.
    SAFE_IN_SHELL = %r{\Ahttps?://[A-Za-z0-9.\[\]:-]+(?:[/?#]|\z)}i.freeze
    UNSAFE_IN_SHELL = %r{[^A-Za-z0-9:/?#@&=+,._~%\[\]-]}.freeze
    GITHUB = %r!\Ahttps://(?:www\.)?github\.com/([A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?\z!i.freeze

    def self.of(site)
      site.filter_cache[:plugin_page] ||= new(site)
    end

    def initialize(site)
      registry = site.config["registry"] || {}
      @host = { "name" => "", "version" => nil }.merge(registry["host"] || {})
      @version = @host["version"].to_s.scan(%r!\d+!).map(&:to_i)
      @repository = registry["repository"]
      @plugins_dir = registry["plugins_dir"].to_s
      @root = "#{site.config["url"]}#{site.config["baseurl"]}"
      @pythons = {}
      @base = site.config["baseurl"].to_s
      @today = site.time.utc.to_date
      @feeds = PublishedFeeds.of(site)
      @list = ListFeed.of(site)
      @feeds_folder = File.expand_path(site.config["registry_feeds"].to_s, site.source)
    end

    # data: a registration's, as Guard made it and OwnAddresses completed it.
    def complete(data)
      data.merge(
        "health" => Health.of(data, @today), "badges" => badges(data), "command" => command(data["archive"]),
        "fits" => fits(data), "sources" => sources(data["freshness"]), "reports" => reports(data),
        "tracker" => tracker(data["source"]), "history_url" => (published("api/v1/history", data, ".json") if data["history"].any? { |_, line| line }),
        "shields" => shields(data),
        "json_ld" => JsonLd.of(data, :host => @host, :url => "#{@root}#{data["url"]}")
      )
    end

    private

    # What stands beside the title: [{"text", "tone"}].
    def badges(data)
      github = data["github"] || {}
      three = @list.python_3(data)
      [
        data["disabled"] && %w(disabled bad),
        data["up_for_adoption"] ? ["up for adoption", "warn"] : data["abandoned"] && %w(abandoned warn),
        github["gone"] ? ["repository gone", "warn"] : github["archived"] && %w(archived warn),
        three == true && ["Python 3", "good"], three == false && ["no Python 3", "bad"],
      ].select(&:itself).map { |text, tone| { "text" => text, "tone" => tone } }
    end

    # In words, nil where that is not known. Most plugins share a few ranges.
    def pythons(range)
      @pythons[range] ||= range && Specifiers.pythons(range)
    end

    # `pip install "URL"` that means the same in every shell, or nil.
    def command(archive)
      return unless archive && SAFE_IN_SHELL.match?(archive)

      url = archive.gsub(UNSAFE_IN_SHELL) { |char| char.bytes.map { |byte| format("%%%02X", byte) }.join }
      %(pip install "#{url}")
    end

    # In words: which Pythons it runs on, and whether the stated versions of the host include the current one.
    def fits(data)
      range, host = data["compatibility"].values_at("python", "host")
      { "python" => pythons(range), "host" => host.any? && @version.any? ? current(host) : nil }
    end

    def current(ranges)
      answers = ranges.map { |range| Specifiers.admits?(range, @version) }
      named = "the current #{@host["name"]} #{@host["version"]}"
      return "It says that it works with #{named}." if answers.any?

      "It does not say that it works with #{named}." unless answers.any?(&:nil?)
    end

    # How old each source's figures are: {"usage" => {"name", "iso", "words", "recent", "stale"} or nil, ...}.
    def sources(freshness)
      freshness.to_h do |key, found|
        [key, found && Ages.of(found["date"], @today).merge("name" => FRESHNESS.fetch(key), "stale" => found["stale"])]
      end
    end

    # Where people of the registry hear of it, prefilled; nil where the settings name no repository.
    def reports(data)
      url = @repository && @repository["url"] or return
      about = { "plugin" => data["plugin_id"] }
      {
        "error" => issue(url, "listing-error.yml", "Listing error: #{data["title"]}", about.merge("page" => "#{@root}#{data["url"]}")),
        "abandoned" => issue(url, "abandoned-plugin.yml", "Abandoned: #{data["title"]}", about),
        "suspicious" => issue(url, "suspicious-activity.yml", "Suspicious: #{data["title"]}", about),
        "edit" => "#{url}/edit/#{path(@repository["branch"].to_s)}/#{path(@plugins_dir)}/#{ERB::Util.url_encode(data["slug"])}.md",
      }
    end

    # The names are those of the forms' fields in .github/ISSUE_TEMPLATE.
    def issue(url, template, title, fields)
      query = { "template" => template, "title" => title[0, 150] }.merge(fields)
      "#{url}/issues/new?#{query.map { |key, value| "#{key}=#{ERB::Util.url_encode(value[0, 300])}" }.join("&")}"
    end

    def path(text)
      text.split("/").map { |part| ERB::Util.url_encode(part) }.join("/")
    end

    def tracker(source)
      found = GITHUB.match(source.to_s)
      found && "https://github.com/#{found[1]}/issues"
    end

    # The address of a file that Python wrote of this plugin; nil where there is none.
    def published(folder, data, ending)
      id = data["plugin_id"]
      "#{@base}/#{folder}/#{ERB::Util.url_encode(id)}#{ending}" if Values.slug?(id) && @feeds&.file?("/#{folder}/#{id}#{ending}")
    end

    # As badges.py wrote it at the head of the drawing.
    def badge_size(id, kind)
      head = File.read(File.join(@feeds_folder, "badges", id, "#{kind}.svg"), 300).to_s
      [head[%r! width="(\d{1,4})"!, 1], head[%r! height="(\d{1,4})"!, 1]]
    end

    # [{"src", "alt", "width", "height", "markdown"}]
    def shields(data)
      page = "#{@root}#{data["url"]}"
      { "usage" => "installations", "python" => "Python" }.filter_map do |kind, alt|
        src = published("badges", data, "/#{kind}.svg") or next
        width, height = badge_size(data["plugin_id"], kind)
        { "src" => src, "alt" => alt, "width" => width, "height" => height, "markdown" => "[![#{alt}](#{@root}#{src.delete_prefix(@base)})](#{page})" }
      end
    end
  end
end

Jekyll::Hooks.register(:site, :after_reset) { |site| site.filter_cache.delete(:plugin_page) } if defined?(Jekyll)
