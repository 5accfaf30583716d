# frozen_string_literal: true

module Almanac
  # A file of _data that cannot be read is as good as none: the feeds are made by Python, which has reported its
  # faults, and the pages print the feeds.
  module DataFiles
    def read_data_file(path)
      super
    rescue StandardError => e
      Jekyll.logger.warn "Data:", "#{path} is left out: #{e.message[0, 200]}"
      nil
    end
  end
end

Jekyll::DataReader.prepend(Almanac::DataFiles)
