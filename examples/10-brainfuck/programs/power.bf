Two to the power of 255: a number of 77 digits is doubled again and again
Digits from the ones on are six cells each: there is one   the digit   carry   t   u   v
Before them: 0 doublings   6 always zero
>+++++++[->>>>>>>>>>>+++++++++++<<<<<<<<<<<]  77 digits to make
<+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++  doublings
>>>>>>>>>>>>[-[->>>>>>+<<<<<<]+>>>>>>]<<<<<<[<<<<<<]  a counter goes right and leaves digits
>>>>>>>+                                      the first power is 1
<<<<<<<<<<<<<[                                each doubling
  ->>>>>>>>>>>>
  [                                           each digit
    >[->>++<<]>[->+<]                         t is twice the digit and the carry
    >[                                        count it up
      -<<+[->>>+>+<<<<]>>>[-<<<+>>>]>----------<+
      >[
        <->[-]
      ]
      <[                                      ten
        -<<<[-]>>>>>>>+                       carry to the next digit
      <<<<]
    <]
    >>>
  ]                                           beyond the last digit
  <<<<<<[<<<<<<]                              back before the first one
<<<<<<]
>>>>>>>>>>>>[>>>>>>]<<<<<<                    to the last digit
[>++++++++++++++++++++++++++++++++++++++++++++++++.<<<<<<<]  print from there
>++++++++++.                                  the line ends
