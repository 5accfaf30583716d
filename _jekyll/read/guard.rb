# frozen_string_literal: true

require "erb"
require_relative "../charts/sparkline"
require_relative "values"

module Almanac
  # Turns the front matter of a registration, which anybody can write, into what the layouts print.
  # Known keys only, each with its type, every key always there; nothing that steers Jekyll gets through.
  # Strings are still to be escaped when they are printed; addresses are safe to be links.
  module Guard
    OS_NAMES = {
      "windows" => %w(Windows), "linux" => %w(Linux), "macos" => %w(macOS), "freebsd" => %w(FreeBSD),
      "posix"   => %w(Linux FreeBSD macOS), "nix" => %w(Linux FreeBSD),
    }.freeze
    SOURCES = {
      "usage" => "usage figures", "github" => "GitHub figures", "compatibility" => "compatibility check",
    }.freeze
    RANKS = %w(instances_month install_events_week growth stars latest_release).freeze
    REDIRECT = %r!\A/plugins/([^/]+)/?\z!.freeze
    REPOSITORY = %r!\A[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}\z!.freeze
    MAX_VERSIONS = 6
    MEASURES = { "instances" => "Installations in use", "installs" => "New installations a week", "stars" => "Stars" }.freeze
    MAX_DAYS = 5_000
    MAX_KNOWN = 1_000

    extend Values

    module_function

    # raw: front matter as FrontMatter reads it. slug: the file's name without .md.
    def clean(raw, slug)
      source = web(raw["source"])
      facts(raw, source).merge!(
        "layout" => "plugin", "render_with_liquid" => false, "section" => "plugins", "scripts" => [],
        "image" => nil,
        "slug" => slug, "plugin_id" => line(raw["id"]) || slug, "title" => line(raw["title"]) || slug,
        "description" => line(raw["description"]), "license" => line(raw["license"]), "date" => date(raw["date"]),
        "authors" => lines(raw.key?("authors") ? raw["authors"] : raw["author"]), "tags" => lines(raw["tags"]),
        "homepage" => web(raw["homepage"]), "source" => source, "archive" => web(raw["archive"]),
        "privacypolicy" => web(raw["privacypolicy"]), "attributes" => lines(raw["attributes"]),
        "dependency_links" => raw["follow_dependency_links"] == true, "note" => line(raw["note"]),
        "disabled" => statement(raw["disabled"]), "abandoned" => abandoned(raw),
        "up_for_adoption" => statement(raw["up_for_adoption"]), "screenshots" => screenshots(raw),
        "redirect_from" => list(raw["redirect_from"]).filter_map { |path| redirect(path) if path.is_a?(String) },
        "previous" => nil, "next" => nil
      )
    end

    def redirect(path)
      slug = path[REDIRECT, 1]
      slug if slug && slug?(slug)
    end

    # With the day on which an issue of the registry said so, where that is known.
    def abandoned(raw)
      statement = statement(raw["abandoned"]) or return
      issue = hash(raw["abandonment"])
      dated = statement["url"] && web(issue["url"]) == statement["url"]
      statement.merge("date" => dated ? date(issue["date"]) : nil)
    end

    # The computed keys.
    def facts(raw, source)
      github = github(hash(raw["github"]))
      {
        "compatibility" => compatibility(hash(raw["compatibility"])), "github" => github,
        "evidence" => evidence(hash(raw["compatibility_evidence"]), source, github),
        "usage" => usage(raw["stats"]), "history" => history(hash(raw["history"])), "freshness" => freshness(hash(raw["freshness"])),
        "ranks" => RANKS.to_h { |name| [name, figure(hash(raw["ranks"])[name])] },
      }
    end

    def screenshots(raw)
      shots = list(raw["screenshots"]).filter_map do |shot|
        picture = image(hash(shot)["url"]) or next
        shot(picture, line(shot["alt"]) || line(shot["caption"]), line(shot["caption"]))
      end
      featured = image(raw["featuredimage"])
      shots << shot(featured, nil, nil) if featured && shots.empty?
      shots
    end

    # "missing" and the size in pixels are for OwnAddresses to say.
    def shot(picture, alt, caption)
      picture.merge("missing" => false, "width" => nil, "height" => nil, "alt" => alt,
                    "caption" => caption, "host" => picture["own"] ? nil : host_of(picture["url"]))
    end

    # {"instances" => SVG, ...}: the lines, drawn here where every core draws, and not kept as thousands of
    # points. nil where a measure has no two points.
    def history(raw)
      since = date(raw["since"])
      MEASURES.to_h { |name, label| [name, since && Sparkline.svg(points(raw[name]), :since => since["iso"], :label => label)] }
    end

    # Those of [[day, value], ...] that lie in order, days after the first one.
    def points(raw)
      last = -1
      list(raw).select do |day, value|
        day.is_a?(Integer) && day.between?(last + 1, MAX_DAYS) && figure(value) && (last = day)
      end
    end

    def compatibility(raw)
      {
        "host" => lines(raw["octoprint"]), "python" => line(raw["python"]),
        "os" => lines(raw["os"]).flat_map { |name| OS_NAMES.fetch(name.downcase, [name]) }.uniq,
      }
    end

    # Where the host finds the Python range in the source, or why it assumes its default, with a link to that
    # very line, and whether the registration says something else.
    def evidence(raw, source, github)
      path = line(raw["path"])
      return unless path && line(raw["python"])

      found, registered = %w(python registered).map { |key| line(raw[key]) }
      {
        "python" => found, "registered" => registered, "path" => path, "line" => figure(raw["line"]),
        "kind" => line(raw["rule"]).to_s[%r!\+(default|syntax)\z!, 1] || "flag",
        "commit" => line(raw["commit"]), "url" => line_url(raw, source, github),
        "contradicts" => !registered.nil? && bare(registered) != bare(found),
      }
    end

    # 3 and 3.0 are one version, there is no Python 4, and the order of the clauses means nothing.
    def bare(specifier)
      specifier.delete(" ").split(",").map { |clause| clause.sub(%r!(?:\.0)+\z!, "") }.reject { |clause| clause == "<4" }.sort
    end

    def line_url(raw, source, github)
      repository = github && github["repo"]
      path = raw["path"].to_s
      return unless source && repository && raw["commit"].to_s.match?(%r!\A[0-9a-f]{7,64}\z!)
      return if path.start_with?("/") || path.split("/").include?("..")

      address = path.split("/").map { |part| ERB::Util.url_encode(part) }.join("/")
      anchor = figure(raw["line"]) ? "#L#{raw["line"]}" : ""
      "#{source[%r!\Ahttps?://[^/?#]+!i]}/#{repository}/blob/#{raw["commit"]}/#{address}#{anchor}"
    end

    # {"week" => {...}, "month" => {...}}, or nil when no export was ever read: unknown is not none.
    def usage(raw)
      return unless raw.is_a?(Hash)

      month = hash(raw["month"])
      {
        "week" => window(hash(raw["week"])), "month" => window(month),
        "versions" => versions(hash(month["versions"]), figure(month["instances"])),
      }
    end

    def window(raw)
      %w(instances install_events uninstall_events).to_h { |key| [key, figure(raw[key])] }
    end

    # The versions in use, most used first, the rest in one: [{"version" (nil: others), "instances", "share" (per cent)}].
    def versions(raw, total)
      known = raw.first(MAX_KNOWN).filter_map { |version, count| [line(version), count] if line(version) && figure(count) }
      top = known.sort_by { |version, count| [-count, version] }
      rest = top.slice!(MAX_VERSIONS..)
      top << [nil, rest.sum(&:last)] if rest&.any?
      total = [total.to_i, top.sum(&:last)].max
      top.map do |version, count|
        { "version" => version, "instances" => count, "share" => total.positive? ? (count * 100.0 / total).round : nil }
      end
    end

    def github(raw)
      repository = line(raw["repo"])
      return unless repository && REPOSITORY.match?(repository)

      figures = %w(stars watchers forks open_issues closed_issues releases).to_h { |key| [key, figure(raw[key])] }
      figures.merge!(
        "repo" => repository, "archived" => raw["archived"] == true, "last_push" => moment(raw["last_push"]),
        "any_branch" => raw["last_push_any_branch"] == true,
        "gone_since" => date(raw["gone_since"]), "gone" => raw.key?("gone_since") && !raw["gone_since"].nil?,
        "release" => release(raw),
        # GitHub itself was asked: then no release is none, and not unknown.
        "complete" => raw.key?("archived")
      )
    end

    def release(raw)
      name = line(raw["latest_release"]) || line(raw["latest_release_tag"])
      name && { "name" => name, "url" => web(raw["latest_release_url"]), "tag" => line(raw["latest_release_tag"]),
                "date" => moment(raw["latest_release_date"]), }
    end

    # {"usage" => {"date", "stale"}, ...}, nil where nothing is known.
    def freshness(raw)
      SOURCES.keys.to_h do |name|
        entry = hash(raw[name])
        as_of = moment(entry["as_of"])
        [name, as_of && { "date" => as_of, "stale" => entry["stale"] == true }]
      end
    end
  end
end
