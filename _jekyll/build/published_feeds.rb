# frozen_string_literal: true

require "fileutils"

module Almanac
  # Puts the feeds that Python wrote (`registry_feeds`, build/feeds) into the site, as they are. There are about
  # six files for each plugin, so Jekyll does not learn of each: the folder is linked or copied in one go when
  # everything else is written. A preview has no such folder and lacks only the feeds.
  class PublishedFeeds
    def self.of(site)
      return unless site.config["registry_feeds"]

      folder = File.expand_path(site.config["registry_feeds"].to_s, site.source)
      new(folder, site.dest) if File.directory?(folder)
    end

    def initialize(folder, dest)
      @folder = folder
      @dest = dest
    end

    # Whether there is such a feed; path: below the site's root, "/plugins.json".
    def file?(path)
      File.lstat(File.join(@folder, path)).file? unless path.include?("..") || path.include?("\0")
    rescue SystemCallError
      false
    end

    # Whether a path of the destination is what this wrote there, or will. A link never is.
    def ours?(path)
      kind = File.lstat(path).ftype
      kind != "link" && File.lstat(File.join(@folder, path.delete_prefix(@dest))).ftype == kind
    rescue SystemCallError
      false
    end

    # Tells of the pages that would stand where a feed belongs. The feed takes the place; what lies there now is
    # unlinked first, since Jekyll would write the page through a link into the feed itself.
    def settle(items)
      items.each do |item|
        path = item.destination(@dest)
        next unless file?(path.delete_prefix(@dest))

        Jekyll.logger.warn "Conflict:", "#{item.path} would be written to #{path}, where a feed belongs"
        FileUtils.rm_f(path)
      end
    end

    # Brings what is new or has changed. Symbolic links are neither followed nor brought.
    def write
      FileUtils.mkdir_p(@dest)
      bring(@folder, @dest)
    end

    private

    def bring(from, to)
      Dir.each_child(from) do |name|
        path = "#{from}/#{name}"
        target = "#{to}/#{name}"
        found = File.lstat(path)
        if found.file?
          bring_file(path, found, target)
        elsif found.directory?
          make(target)
          bring(path, target)
        end
      end
    end

    def make(folder)
      Dir.mkdir(folder)
    rescue Errno::EEXIST
      return if File.lstat(folder).directory?

      File.unlink(folder)
      Dir.mkdir(folder)
    end

    # A link takes a tenth of the time of a copy. It is safe since nobody writes into either: new feeds are new
    # files, and Jekyll unlinks before it writes what settle has told of.
    def bring_file(path, found, target)
      File.link(path, target)
    rescue Errno::EEXIST
      there = File.lstat(target)
      return if there.ino == found.ino && there.dev == found.dev

      same = there.file? && there.size == found.size && FileUtils.identical?(path, target)
      bring_anew(path, target) unless same
    rescue SystemCallError
      FileUtils.copy_file(path, target)
    end

    def bring_anew(path, target)
      File.unlink(target)
      File.link(path, target)
    rescue Errno::EXDEV, Errno::EPERM, Errno::EMLINK, Errno::ENOTSUP, Errno::ENOSYS
      FileUtils.copy_file(path, target)
    end

    # What Jekyll's cleaner would take for obsolete.
    module Kept
      private

      def obsolete_files
        feeds = PublishedFeeds.of(site)
        feeds ? super.reject { |path| feeds.ours?(path) } : super
      end
    end
  end
end

Jekyll::Cleaner.prepend(Almanac::PublishedFeeds::Kept)
# Before rendering, which writes pages early.
Jekyll::Hooks.register(:site, :pre_render, :priority => :high) do |site, _payload|
  Almanac::PublishedFeeds.of(site)&.settle(site.pages + site.static_files + site.documents)
end
Jekyll::Hooks.register(:site, :post_write) { |site| Almanac::PublishedFeeds.of(site)&.write }
