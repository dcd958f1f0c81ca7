using Xunit;

// The product is made for one thread: its arena has no locks.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
