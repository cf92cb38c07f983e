// Scenes mostly wait for processes to start and for jobs to end.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
