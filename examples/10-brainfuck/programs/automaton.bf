Rule 110: 250 steps of a cellular automaton with 126 columns and then its last row
Columns are six cells each: there is a column   its bit   the old bit of the left one   t   u   the new bit
Before them: 0 steps   6 always zero
>++++++++++++++[->>>>>>>>>>>+++++++++<<<<<<<<<<<]  126 columns to make
<++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++  steps
>>>>>>>>>>>>[-[->>>>>>+<<<<<<]+>>>>>>]        a counter goes right and leaves columns
<<<<<<>+<[<<<<<<]                             the last bit is set and back to the left end
<<<<<<[                                       each step
  ->>>>>>>>>>>>
  [                                           each column
    >>>>>>>[-<<<+<+>>>>]<<<[->>>+<<<]         t is the bit to the right
    <<<[->>>+>>>>+<<<<<<<]>>>[-<<<+>>>]       the next column gets this bit
    +
    <<<[                                      if it is 1
      ->>>->+
      <<<[                                    and the left one too
        -
        >[                                    and the right one too
          ->>-                                then it is 0 else 1
        <<]
      <]
    <]
    >>>[                                      if it is 0
      -<[->>+<<]                              then it becomes the right one
    >]
    <<[-]>[-]>>[-<<<<+>>>>]                   the new bit
    >
  ]                                           at the right end
  >>[-]<<<<<<<<[<<<<<<]                       back to the left end
<<<<<<]
>>>>>>>>>>>>[                                 each column
  >>>>+
  <<<[                                        star
    ->>>-<++++++++++++++++++++++++++++++++++++++++++.[-]
  <<]
  >>>[                                        point
    -<++++++++++++++++++++++++++++++++++++++++++++++.[-]
  >]
  >>
]                                             at the right end
>++++++++++.                                  the line ends
