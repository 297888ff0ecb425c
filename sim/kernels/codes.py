"""The numbers that kernels know by name: the same as the enums of the layers above.

Kernels stand below `sim.state` and `sim.scenario` and cannot import their enums; a test holds the
two equal.  Keeping them here also makes an edit part of the name of the kernels' cache.
"""

NOBODY = -1

# sim.scenario.compiled.Stance
HOSTILE, RIVAL, TRUCE, ALLIED = 0, 1, 2, 3

# sim.scenario.compiled.Posture
HOLD, ATTACK, BESIEGE, RAID, EVADE, WITHDRAW, BREAK_OUT, HUNT = 0, 1, 2, 3, 4, 5, 6, 7

# sim.theatre.mesh.Crossing
OPEN, BRIDGE, CLOSED = 0, 1, 2

# sim.state.Loss
LOSS_COMBAT = 0
LOSS_BOMBARDMENT = 1
LOSS_SURRENDER = 2
LOSS_DESERTION = 3
LOSS_ARREST = 4
LOSS_BREAK_OUT = 5
LOSS_RAID = 6
LOSS_CONVOY = 7

# sim.state.Cause
CAUSE_NONE = 0
CAUSE_ASSAULT = 1
CAUSE_CEDED = 2
CAUSE_OCCUPIED = 3
CAUSE_SURRENDER = 4
CAUSE_EVACUATION = 5
CAUSE_RECONCILIATION = 6

# sim.state.Incident
INCIDENT_OPERATION = 0
INCIDENT_BREAK_OUT_SUCCESS = 1
INCIDENT_BREAK_OUT_FAILURE = 2
INCIDENT_SURRENDER = 3
INCIDENT_ARRESTS = 4
INCIDENT_CONVOY_LEFT = 5
INCIDENT_CONVOY_CAUGHT = 6
INCIDENT_CONVOY_ARRIVED = 7
INCIDENT_EVACUATION = 8
INCIDENT_RECONCILIATION = 9
INCIDENT_EXFILTRATION = 10
