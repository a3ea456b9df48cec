import NIOCore
import NIOEmbedded
import Testing

@testable import KassaLoad

@Suite struct PacerTests {
    private final class Client: Pacer.Client {
        let name: Int
        private let act: (Client) -> Void

        init(_ name: Int, _ act: @escaping (Client) -> Void) {
            self.name = name
            self.act = act
        }

        func wake() { act(self) }
    }

    private let loop = EmbeddedEventLoop()
    private let due = ContinuousClock.now

    @Test func `whoever has waited for the shortest time is woken first`() {
        let pacer = Pacer(loop)
        var woken: [Int] = []
        for number in 0..<3 { pacer.wake(Client(number) { woken.append($0.name) }, from: due) }
        #expect(woken.isEmpty)
        loop.advanceTime(by: .milliseconds(1))
        #expect(woken == [2, 1, 0])
    }

    @Test func `who finds nothing due any more waits on, and with it the others`() {
        let pacer = Pacer(loop)
        var woken: [Int] = []
        for number in 0..<3 {
            let client = Client(number) { client in
                woken.append(client.name)
                if woken.count == 2 { pacer.wake(client, from: due + .seconds(3_600)) }
            }
            pacer.wake(client, from: due)
        }
        loop.advanceTime(by: .milliseconds(1))
        #expect(woken == [2, 1])
        loop.advanceTime(by: .seconds(3_600))
        // By the clock that counts nothing is due.
        #expect(woken == [2, 1])
    }

    @Test func `who is forgotten is not woken`() {
        let pacer = Pacer(loop)
        var woken: [Int] = []
        let clients = (0..<3).map { Client($0) { woken.append($0.name) } }
        for client in clients { pacer.wake(client, from: due) }
        pacer.forget(clients[1])
        loop.advanceTime(by: .milliseconds(1))
        #expect(woken == [2, 0])
    }
}
