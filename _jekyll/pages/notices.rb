# frozen_string_literal: true

require "cgi"
require_relative "../read/feed"
require_relative "../read/values"

module Almanac
  # The notices, newest first, as the page prints them: those of the feed that Python wrote, which holds the
  # hand-written and the generated ones. A preview has no feeds and shows the hand-written ones of _data.
  module Notices
    MAX_BYTES = 16_777_216

    module_function

    def fill(site, page, plugins)
      return unless page

      by_id = plugins.to_h { |doc| [doc.data["plugin_id"], doc.data] }
      notices = read(site).filter_map { |raw| clean(Values.hash(raw), by_id) }
      page.data["notices"] = notices.sort_by.with_index { |notice, index| [notice["date"]["iso"], index] }.reverse
    end

    def read(site)
      published(site) || Array(site.data["notices"])
    end

    # The feed's text is escaped, since the host's page takes it for HTML; here it is plain text again.
    def published(site)
      found = Feed.read(site, "notices.json", MAX_BYTES) or return
      Array(found).map do |raw|
        text = Values.hash(raw)["text"]
        text.is_a?(String) ? raw.merge("text" => CGI.unescapeHTML(text)) : raw
      end
    end

    def clean(raw, by_id)
      id = Values.line(raw["plugin"])
      text = Values.line(raw["text"])
      day = Values.date(raw["date"].is_a?(Time) ? raw["date"].getutc.strftime("%Y-%m-%d") : raw["date"])
      return unless id && text && day

      plugin = by_id[id]
      versions = Values.lines(raw["pluginversions"] || raw["versions"])
      {
        "plugin" => id, "title" => plugin ? plugin["title"] : id, "href" => plugin && plugin["href"],
        "text" => text, "date" => day, "link" => Values.web(raw["link"]), "important" => raw["important"] == true,
        "versions" => versions, "host_versions" => Values.lines(raw["octoversions"]),
      }
    end
  end
end
