"""Network checks for Nagios and Icinga that say on whose side a connection is broken.

The rooms, and what each may import of ours. Arrows point down only, and never in a circle;
`tests/test_layers.py` reads this table and holds every file to it. `README.md` beside this folder
shows how to add a check.

floor  room       may import                                      is
0      types      nothing                                         base/types.py: names of types
1      parse      types                                           text and octets to records; pure
2      base       types parse                                     deadline, errors, files, secrets
2      inventory  types parse base                                the landscape, read and checked
3      model      types parse base                                Plan, Run, their parts: data only
3      store      types parse base                                what is remembered; has SQLite
4      analyse    types parse base model                          what samples prove; without limits
4      plugin     types parse base model                          the contract with Nagios, NRPE
5      probe      types parse base model analyse                  alone asks the network
5      generate   types base inventory plugin                     other programs' configuration
5      export     types parse base model analyse plugin           where results go besides stdout
5      incident   types parse base inventory model store analyse  many runs, one verdict
6      check      all but generate reflector mesh command         what an analysis means, in words
6      reflector  all but plugin generate check command           the loop that answers probes
6      mesh       all but plugin generate check command           the loop that probes all peers
7      command    everything                                      programs that are no check

The way of a run, always in one direction:

    options  argv              -> Plan, Limits     check/*/options.py
    recall   Plan              -> Past             check/*/memory.py, store/
    measure  Plan, Past        -> Run              probe/
    analyse  Plan, Run, Past   -> Analysis         analyse/
    judge    Analysis, Limits  -> findings         check/*/judge.py
    around   findings          -> findings         check/landscape.py, for --landscape alone
    keep     Analysis          -> (remembered)     check/*/memory.py, store/
    output   findings          -> text, exit code  plugin/output.py
"""

__version__ = "0.1.0"
