/// What is to happen later, earliest first: a binary heap. Of two that are due together the one
/// entered first comes first.
struct Agenda {
    private struct Entry {
        let due: Int64
        let number: Int
        let event: World.Event

        func precedes(_ other: Entry) -> Bool {
            due != other.due ? due < other.due : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var entered = 0

    /// - Parameter due: microseconds since the world began.
    mutating func add(_ event: @escaping World.Event, at due: Int64) {
        entered += 1
        heap.append(Entry(due: due, number: entered, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the earliest.
    mutating func next() -> (due: Int64, event: World.Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.due, first.event)
    }

    /// Takes out the earliest, if it is due by then.
    mutating func next(dueBy limit: Int64) -> World.Event? {
        guard let first = heap.first, first.due <= limit else { return nil }
        return next()?.event
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
