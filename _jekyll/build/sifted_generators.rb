# frozen_string_literal: true

require_relative "../read/registrations"
require_relative "left_out"

module Almanac
  # The lists, the home page and the statistics are made of all plugins at once. Where that fails, the plugins that it
  # fails for are found by halving and left out, and all is made again without them, as registry/quarantine/sift.py
  # does for the feeds. Of plugins that fail only together the last one goes. Costs nothing while all is well.
  module SiftedGenerators
    def generate
      collection = collections[COLLECTION]
      before = [pages.dup, pages.map { |page| page.data.dup }]
      begin
        super
      rescue StandardError, SystemStackError => e
        raise unless collection && Process.respond_to?(:fork)

        Sieve.new(collection.docs) { |docs| make_again(before, collection, docs) { super() } }.guilty(e).each do |doc, error|
          LeftOut.add(self, doc.relative_path, ["not-built", "the lists fail with it (#{error}); mend the registration, or report it"])
          collection.docs.delete(doc)
        end
        make_again(before, collection, collection.docs) { super() }
      end
    end

    private

    def make_again(before, collection, docs)
      pages.replace(before[0])
      pages.zip(before[1]) { |page, data| page.data.replace(data) }
      collection.docs.replace(docs)
      yield
    end

    # Tries in processes of its own, so that no try leaves anything behind.
    class Sieve
      # Plugins, or one in twenty: of more, the fault is not theirs, and each try takes its time.
      MOST = 20

      def initialize(docs, &make)
        @docs = docs.dup
        @bearable = [MOST, docs.size / 20].max
        @make = make
      end

      # Return [[document, words], ...]; raise `error` where it comes without any document, too, or with too many of
      # them: then it is nobody's fault.
      def guilty(error)
        raise error if error_of([])

        @error = error
        found = []
        kept = @docs
        while (words = error_of(kept))
          more = alone(kept)
          more = [one(shortest(kept), words)] if more.empty?
          found += more
          kept -= more.map(&:first)
        end
        found
      end

      private

      def alone(docs)
        words = error_of(docs)
        return [] unless words
        return [one(docs[0], words)] if docs.size == 1

        docs.each_slice((docs.size / 2.0).ceil).flat_map { |half| alone(half) }
      end

      def one(doc, words)
        raise @error if @bearable.zero?

        @bearable -= 1
        [doc, words]
      end

      # Return the document that ends the shortest beginning that fails.
      def shortest(docs)
        docs[((1...docs.size).bsearch { |count| !error_of(docs.first(count)).nil? } || docs.size) - 1]
      end

      # Return what goes wrong with these documents, in words; nil when all is well.
      def error_of(docs)
        reader, writer = IO.pipe(:binmode => true)
        child = fork { try(docs, writer) }
        writer.close
        words = reader.read
        Process.wait(child)
        words = "the process died" if words.empty?
        words unless words == "-"
      ensure
        reader&.close
      end

      def try(docs, writer)
        Jekyll.logger.log_level = :error
        @make.call(docs)
        writer.write("-")
      rescue StandardError, SystemStackError => e
        writer.write("#{e.class}: #{e.message}"[0, LeftOut::MAX_MESSAGE])
      ensure
        writer.close
        exit!(0)
      end
    end
  end
end

Jekyll::Site.prepend(Almanac::SiftedGenerators)
