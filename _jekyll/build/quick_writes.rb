# frozen_string_literal: true

# Jekyll 4.3 asks an array whether it has seen each file that it writes, so that a build grows with the
# square of the pages: 4,000 bare pages took 16 s, 10,000 took 136 s (2026-11). A set of identities takes
# no time. Applied only where Jekyll's own source still keeps the array.

module Almanac
  module QuickWrites
    KINDS = %i(pages static_files_to_write docs_to_write).freeze

    def self.needed?
      file, line = Jekyll::Site.instance_method(:each_site_file).source_location
      File.readlines(file)[line, 3].join.include?("seen_files = []")
    rescue NameError, SystemCallError
      false
    end

    def each_site_file
      seen = {}.compare_by_identity
      KINDS.each do |kind|
        send(kind).each do |item|
          next if seen.key?(item)

          seen[item] = true
          yield item
        end
      end
    end
  end
end

Jekyll::Site.prepend(Almanac::QuickWrites) if Almanac::QuickWrites.needed?
