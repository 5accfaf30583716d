# frozen_string_literal: true

# Copies the feeds that Python wrote (`registry_feeds`, build/feeds) into the site, as they are.
# A preview has no such folder and lacks only the feeds.

module Almanac
  # Known to be published, without asking the defaults; there is one for each plugin.
  class FeedFile < Jekyll::StaticFile
    def write?
      true
    end

    def data
      {}
    end
  end

  class Feeds < Jekyll::Generator
    priority :low

    def generate(site)
      folder = File.expand_path(site.config["registry_feeds"].to_s, site.source)
      return unless site.config["registry_feeds"] && File.directory?(folder)

      Dir.glob("**/*", :base => folder).sort.each do |path|
        full_path = File.join(folder, path)
        next if File.symlink?(full_path) || !File.file?(full_path)

        directory, name = File.split(path)
        site.static_files << FeedFile.new(site, folder, directory == "." ? "" : "/#{directory}", name)
      end
    end
  end
end
