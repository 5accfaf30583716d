# frozen_string_literal: true

# What becomes a page lies in pages/ or assets/, and nothing else is read for one: a file put into the repository
# for another reason (a README, a test's fixture, registrations in a folder of another name) is neither published
# by accident nor able to stop the build. `exclude` in _config.yml only saves `jekyll serve` from following them.

module Almanac
  module SourceFolders
    FOLDERS = %w(/pages /assets).freeze # as Jekyll itself names them, coming from its root

    def read_directories(dir = "")
      dir.empty? ? FOLDERS.each { |folder| super(folder) } : super
    end
  end
end

Jekyll::Reader.prepend(Almanac::SourceFolders)
