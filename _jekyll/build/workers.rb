# frozen_string_literal: true

require "etc"
require "io/wait"

module Almanac
  # Maps a block over items in forked processes, one for each core, and in this one where there is no fork.
  module Workers
    # The longest that a stranger's item may take: a thousand times what real ones do.
    PATIENCE_S = 5
    # The same where only our own layouts are at work, on a machine that is busy with much else.
    LONG_PATIENCE_S = 120

    # Items that one process takes on. Fewer: more starts of processes that warm up anew (400: a sixth more time
    # at 10,000 plugins). More: a process lives so long that its garbage collector has made all memory its own
    # (2026-11).
    SHARE = 800

    # The most that a process may take beyond what it shares with this one: many times what a share of real items
    # takes. One that asks for more dies, and not the machine.
    MAX_GROWTH = 1_073_741_824

    # Collections after which Ruby takes what is left for old. A process that parts then writes no ages into what
    # it shares with this one, and so shares it on.
    AGEING = 4

    module_function

    # Return the results in the items' order; the block must return what Marshal can write. An item on which a
    # process dies or hangs gets what `instead` makes of it, in a process of its own, and `lost` when that dies or
    # hangs, too. The rest goes on in a new process.
    def map(items, lost:, instead: nil, patience: PATIENCE_S, &block)
      return items.map(&block) if items.empty? || !Process.respond_to?(:fork)

      AGEING.times { GC.start } if items.size > SHARE
      results = Array.new(items.size)
      shares = Queue.new
      size = [(items.size.to_f / Etc.nprocessors).ceil, SHARE].min
      (0...items.size).each_slice(size) { |share| shares << share }
      shares.close
      left = [patience]
      Array.new(Etc.nprocessors) do
        Thread.new do
          while (share = shares.pop)
            collect(items, share, results, left, instead, lost, &block)
          end
        end
      end.each(&:join)
      results
    end

    # left: [patience], which each item that does not come back halves, so that twenty that hang are no hour.
    def collect(items, share, results, left, instead, lost, &block)
      until share.empty?
        done = in_child(items, share, results, left[0], &block)
        share = share.drop(done)
        break if share.empty?

        results[share.first] = lost unless instead && in_child(items, share.first(1), results, left[0], &instead) == 1
        left[0] = [left[0] / 2.0, [left[0], PATIENCE_S].min].max
        share = share.drop(1)
      end
    end

    # Return how many results the child sent before its end.
    def in_child(items, share, results, patience, &block)
      reader, writer = IO.pipe(:binmode => true)
      child = fork { send_results(items, share, writer, &block) }
      writer.close
      done = 0
      share.each do |index|
        break unless reader.wait_readable(patience)

        results[index] = Marshal.load(reader) # rubocop:disable Security/MarshalLoad -- from our own child
        done += 1
      end
      done
    rescue EOFError, ArgumentError, TypeError
      done # it ended before a result or in the middle of one
    ensure
      reader&.close
      finish(child) if child
    end

    def send_results(items, share, writer)
      bound_memory
      share.each { |index| Marshal.dump(yield(items[index]), writer) }
      writer.close
    ensure
      exit!(0) # leaves what the parent wants done at its end to the parent
    end

    def bound_memory
      mapped = File.read("/proc/self/statm").to_i * Etc.sysconf(Etc::SC_PAGESIZE)
      Process.setrlimit(:AS, mapped + MAX_GROWTH)
    rescue SystemCallError, NotImplementedError
      nil # a system that knows no such bound
    end

    def finish(child)
      Process.kill(:KILL, child)
      Process.wait(child)
    rescue Errno::ESRCH, Errno::ECHILD
      nil
    end
  end
end
