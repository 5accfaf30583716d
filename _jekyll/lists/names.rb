# frozen_string_literal: true

require "digest"
require "erb"

module Almanac
  # Tags and authors that differ only in case, spaces, hyphens and underscores are one: `Power saving` and
  # `power-saving` share a page.
  module Names
    MAX = 50

    module_function

    # The part of an address that stands for a name: letters and digits of any script, joined by hyphens. A
    # name that holds more than these (`c++`) gets a few digits of its hash, so that it stays apart from `c`.
    # Depends on the name alone, so an address never moves because of other names.
    def slug(name)
      (@slugs ||= {})[name] ||= made(name)
    end

    def made(name)
      text = name.unicode_normalize(:nfc).downcase
      parts = text.split(%r![\s_-]+!).reject(&:empty?)
      kept = parts.map { |part| part.gsub(%r![^\p{L}\p{M}\p{N}]!, "") }
      plain = kept.reject(&:empty?).join("-")
      return plain if kept == parts && plain.length.between?(1, MAX)

      [plain[0, MAX].chomp("-"), Digest::SHA256.hexdigest(parts.join("-"))[0, 8]].reject(&:empty?).join("-")
    end

    # Where the page of a tag (folder "by_tag") or an author stands, without baseurl.
    def address(folder, name)
      "/#{folder}/#{ERB::Util.url_encode(slug(name))}/"
    end

    # [{"name", "slug", "docs"}] of the names that `read` finds in each document, by name; each group takes
    # the spelling that is used most.
    def groups(docs)
      spellings = {}
      members = {}
      docs.each do |doc|
        yield(doc).each do |name|
          key = slug(name)
          (spellings[key] ||= Hash.new(0))[name] += 1
          (members[key] ||= {}.compare_by_identity)[doc] = true
        end
      end
      members.map { |key, found| { "name" => most_used(spellings[key]), "slug" => key, "docs" => found.keys } }
        .sort_by { |group| [group["name"].downcase, group["slug"]] }
    end

    def most_used(spellings)
      spellings.min_by { |name, count| [-count, name] }.first
    end
  end
end
