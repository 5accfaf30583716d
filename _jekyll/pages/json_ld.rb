# frozen_string_literal: true

require "json"

module Almanac
  # A plugin as schema.org's SoftwareApplication: a block of data that search engines read and nothing runs.
  module JsonLd
    # What could end the block, begin a comment in it, or end a line in old readers of JSON.
    UNSAFE = { "<" => '\u003c', ">" => '\u003e', "&" => '\u0026', "\u2028" => '\u2028', "\u2029" => '\u2029' }.freeze

    module_function

    # data: what Guard made. Every text is Guard's, every figure an Integer.
    def of(data, host:, url:)
      write(application(data, host).merge("url" => url))
    end

    def write(object)
      JSON.generate(object.compact).gsub(%r![<>&\u2028\u2029]!, UNSAFE)
    end

    def application(data, host)
      github = data["github"] || {}
      release = github["release"]
      {
        "@context" => "https://schema.org", "@type" => "SoftwareApplication", "name" => data["title"],
        "description" => data["description"], "identifier" => data["plugin_id"], "keywords" => some(data["tags"])&.join(", "),
        "applicationCategory" => "UtilitiesApplication", "applicationSubCategory" => "#{host["name"]} plugin",
        "author" => some(data["authors"].map { |name| { "@type" => "Person", "name" => name } }),
        "license" => data["license"] && { "@type" => "CreativeWork", "name" => data["license"] },
        "operatingSystem" => some(data["compatibility"]["os"])&.join(", "),
        "softwareRequirements" => data["compatibility"]["python"] && "Python #{data["compatibility"]["python"]}",
        "softwareVersion" => release && (release["tag"] || release["name"]),
        "datePublished" => data["date"] && data["date"]["iso"],
        "dateModified" => github["last_push"] && !github["any_branch"] ? github["last_push"]["iso"] : nil,
        "downloadUrl" => data["disabled"] ? nil : data["archive"], "sameAs" => data["homepage"],
        "interactionStatistic" => installations(data["usage"], data["freshness"]["usage"]),
      }
    end

    def some(list)
      list unless list.empty?
    end

    # With the time until which it was counted, where that is known.
    def installations(usage, freshness)
      seen = usage && usage["month"]["instances"]
      seen && { "@type" => "InteractionCounter", "interactionType" => { "@type" => "InstallAction" },
                "userInteractionCount" => seen, "endTime" => freshness && freshness["date"]["iso"], }.compact
    end
  end
end
