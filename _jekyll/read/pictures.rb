# frozen_string_literal: true

require "pathname"
require "stringio"
require_relative "../build/workers"

begin
  require "fastimage"
rescue LoadError
  nil # the build goes on, and pictures have no size until they are there
end

module Almanac
  # The size of the pictures that registrations bring, read from their headers, which may hold anything.
  module Pictures
    FOLDER = "assets/img/plugins"
    # A header with its metadata; of more is not read, however large the file is.
    MAX_BYTES = 262_144
    MAX_SIDE = 20_000
    # No SVG: opened by its own address, it would run its scripts as ours.
    NAME = %r!\.(?:avif|bmp|gif|jpe?g|png|webp)\z!i.freeze
    KNOWN = %r!\A(?:\x89PNG|GIF8|\xFF\xD8\xFF|RIFF.{4}WEBP|BM)!mn.freeze

    module_function

    # Return {path => [width, height] or nil}, in processes that may die of what they read.
    def sizes(paths)
      paths.zip(Workers.map(paths, :lost => nil) { |path| size(path) }).to_h
    end

    # Return [width, height] in pixels, or nil. Never raises.
    def size(path)
      return unless defined?(FastImage) && File.lstat(path).file?

      head = File.open(path, "rb") { |file| file.read(MAX_BYTES) }.to_s
      return unless KNOWN.match?(head)

      sides = FastImage.size(StringIO.new(head))
      sides&.map(&:to_i)&.then { |found| found if found.size == 2 && found.all? { |side| side.between?(1, MAX_SIDE) } }
    rescue StandardError, SystemStackError
      nil
    end

    # Leaves out what is neither folder nor picture: a link may lead to any file of the machine, Jekyll waits
    # forever for the first line of a pipe, and a file with front matter would be a page, at any address, of a
    # stranger's Liquid, or the end of the build.
    module NothingElse
      def filter(entries)
        folder = base_directory.to_s.delete_prefix("/")
        found = super
        return found unless folder == FOLDER || folder.start_with?("#{FOLDER}/")

        found.select { |entry| plain?(site.in_source_dir(folder, entry)) }
      end

      private

      def plain?(path)
        stat = File.lstat(path)
        stat.directory? || (stat.file? && NAME.match?(path) && !Jekyll::Utils.has_yaml_header?(path))
      end
    end
  end
end

Jekyll::EntryFilter.prepend(Almanac::Pictures::NothingElse) if defined?(Jekyll::EntryFilter)
