import Glibc

/// Lets the test process have as many files open as the system grants it: a flood of connections
/// would else take those that other tests need, and 1,024 are usual.
package func raiseOpenFileLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
}
