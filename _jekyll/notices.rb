# frozen_string_literal: true

require_relative "values"

module Almanac
  # The notices of _data, newest first, as the page prints them.
  module Notices
    module_function

    def fill(site, page, plugins)
      return unless page

      by_id = plugins.to_h { |doc| [doc.data["plugin_id"], doc.data] }
      notices = Array(site.data["notices"]).filter_map { |raw| clean(Values.hash(raw), by_id) }
      page.data["notices"] = notices.sort_by.with_index { |notice, index| [notice["date"]["iso"], index] }.reverse
    end

    def clean(raw, by_id)
      id = Values.line(raw["plugin"])
      text = Values.line(raw["text"])
      day = Values.date(raw["date"].is_a?(Time) ? raw["date"].getutc.strftime("%Y-%m-%d") : raw["date"])
      return unless id && text && day

      plugin = by_id[id]
      {
        "plugin" => id, "title" => plugin ? plugin["title"] : id, "href" => plugin && plugin["href"],
        "text" => text, "date" => day, "link" => Values.web(raw["link"]), "important" => raw["important"] == true,
        "versions" => Values.lines(raw["pluginversions"] || raw["versions"]),
        "host_versions" => Values.lines(raw["octoversions"]),
      }
    end
  end
end
