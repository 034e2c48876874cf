"""What the models look like before each migration, without working it out anew for every step."""

from collections import OrderedDict

KEPT = 48


class States:
    """Project states by the migrations that they contain.

    A state with its models rendered is what costs time, and what follows one migration differs little from what
    precedes it: so the states along the last path are kept and the next one starts from the nearest of them.
    """

    def __init__(self, graph, fresh, kept=KEPT):
        self._graph = graph
        self._fresh = fresh
        self._kept = OrderedDict()
        self._most = kept

    def after(self, keys):
        """A state of one's own, with models, after the migrations `keys` in the order of the plan."""
        keys = tuple(keys)
        if keys not in self._kept:
            self._walk(keys)
        self._kept.move_to_end(keys)
        return self._kept[keys].clone()

    def keep(self, keys, state):
        """Remembers a state that a migration was seen to lead to."""
        if "apps" in vars(state):
            self._put(tuple(keys), state)

    def states(self):
        """Those kept, to empty what their managers remember of rows."""
        return list(self._kept.values())

    def _put(self, keys, state):
        self._kept[keys] = state
        self._kept.move_to_end(keys)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _walk(self, keys):
        start, state = self._nearest(keys)
        # Far from what is known, models are first left out; near the goal every state is kept, for the way back.
        cut = max(start, len(keys) - self._most // 2)
        if cut > start:
            vars(state).pop("apps", None)
        for key in keys[start:cut]:
            self._graph.nodes[key].mutate_state(state, preserve=False)
        state.apps
        self._put(keys[:cut], state)
        for place in range(cut, len(keys)):
            state = self._graph.nodes[keys[place]].mutate_state(state, preserve=True)
            state.apps
            self._put(keys[:place + 1], state)

    def _nearest(self, keys):
        for length in range(len(keys), 0, -1):
            state = self._kept.get(keys[:length])
            if state is not None:
                return length, state.clone()
        return 0, self._fresh()
