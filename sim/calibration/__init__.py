"""Calibration: which parameters the record of the training periods leaves standing.

priors    what each parameter might be, before the record is asked
outputs   what a run is compared with the record by
designs   sets of parameters to run, and the running of them
screen    which parameters matter at all (Morris 1991)
match     emulators and implausibility: history matching (Craig et al. 1997, Vernon et al. 2010)
study     all of it in order, with the folder that it writes
"""
