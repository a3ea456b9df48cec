/// A way to bring orders in.
protocol LoadDoor: Sendable {
    /// Sends every order that `arrivals` hands out and returns when the last has been answered or
    /// given up.
    func bring(_ arrivals: Arrivals, _ tally: LoadTally) async
}
