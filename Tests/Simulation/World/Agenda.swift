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
        let entry = heap[heap.count - 1]
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
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

    /// Lets the first entry sink to its place: the others rise past it, and it is written once.
    private mutating func sink() {
        let entry = heap[0]
        let count = heap.count
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(entry) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = entry
    }
}
