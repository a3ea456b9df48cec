package import ServiceLifecycle

/// A service that others call.
package protocol ListeningService: Service {
    /// Open once it listens.
    var opened: StartGate { get }
}
