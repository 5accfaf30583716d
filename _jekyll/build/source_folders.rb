# frozen_string_literal: true

# What becomes a page lies in pages/ or assets/, so that a file put into the repository for another reason
# (a README, a test's fixture) is never published by accident; `exclude` in _config.yml only saves reading.

module Almanac
  module SourceFolders
    FOLDERS = %r!\A/?(?:pages|assets)/!.freeze

    def self.keep_only_ours(site)
      site.pages.select! { |page| FOLDERS.match?(page.relative_path) }
      site.static_files.select! { |file| FOLDERS.match?(file.relative_path) }
    end
  end
end

Jekyll::Hooks.register(:site, :post_read) { |site| Almanac::SourceFolders.keep_only_ours(site) }
